package system

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/bench/proc"
)

// Leasehold is five celld serve, as celld init lays them out.
type Leasehold struct {
	Houses Houses

	program   string
	version   string
	endpoints []string
	procs     []*proc.Proc
	asker     *client.Client
	dir       string
}

// Name is the system's name in tables and flags.
func (*Leasehold) Name() string { return "leasehold" }

// Build compiles celld from the tree that this module lies in.
func (l *Leasehold) Build(ctx context.Context, dir string) (err error) {
	if l.program, err = build(ctx, dir, "celld", "github.com/leasehold/leasehold/cmd/celld"); err != nil {
		return err
	}
	l.version = "of an unknown commit"
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12").Output(); err == nil {
		l.version = strings.TrimSpace(string(out))
	}
	return nil
}

// Facts describe the system.
func (l *Leasehold) Facts() []string {
	return []string{"commit " + l.version + ", five `celld serve` with the settings of `celld init`",
		"a client is one session on a connection of its own, at the master"}
}

// Start makes a cell and starts its replicas.
func (l *Leasehold) Start(ctx context.Context, dir string) error {
	l.procs, l.endpoints, l.dir = nil, nil, dir
	if l.asker != nil {
		_ = l.asker.Close()
	}
	first, err := proc.FreePorts(30)
	if err != nil {
		return err
	}
	args := []string{"init", "--dir", dir, "--listen", loopback(first - 1)} // replica i is at P + i
	address := func(i int) string { return loopback(first + i) }
	if len(l.Houses) > 0 {
		var hosts []string
		for i := range replicas {
			hosts = append(hosts, l.Houses.at(i, first-1))
		}
		args = []string{"init", "--dir", dir, "--hosts", strings.Join(hosts, ",")}
		address = func(i int) string { return l.Houses.at(i, first) }
	}
	out, err := exec.CommandContext(ctx, l.program, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("celld init: %w: %s", err, out)
	}
	for i := 1; i <= replicas; i++ {
		p, err := proc.StartIn(l.Houses.of(i-1), fmt.Sprintf("celld-%d", i), dir, nil,
			l.program, "serve", "--config", fmt.Sprintf("%s/replica-%d.yaml", dir, i))
		if err != nil {
			return err
		}
		l.procs, l.endpoints = append(l.procs, p), append(l.endpoints, address(i-1))
	}
	if l.asker, err = client.New(client.Config{Endpoints: l.endpoints}); err != nil {
		return err
	}
	return l.Ready(ctx)
}

// Ready waits until one replica is master and four are followers.
func (l *Leasehold) Ready(ctx context.Context) error {
	return await(ctx, "leasehold", func(ctx context.Context) error {
		status, err := l.asker.Status(ctx)
		if err != nil {
			return err
		}
		serving := 0
		for _, r := range status.Replicas {
			if r.Role == "master" || r.Role == "follower" {
				serving++
			}
		}
		if serving < replicas || status.Master == 0 {
			return fmt.Errorf("%d of five serve, master %d", serving, status.Master)
		}
		return nil
	})
}

// Procs are the replicas, in the order of their ids.
func (l *Leasehold) Procs() []*proc.Proc { return l.procs }

// Master asks the cell.
func (l *Leasehold) Master(ctx context.Context) (*proc.Proc, error) {
	status, err := l.asker.Status(ctx)
	if err != nil {
		return nil, err
	}
	if status.Master == 0 || int(status.Master) > len(l.procs) {
		return nil, errors.New("no master")
	}
	return l.procs[status.Master-1], nil
}

// Connect makes one session, which finds the master by itself.
func (l *Leasehold) Connect(ctx context.Context, _ int, _ Where) (Client, error) {
	c, err := client.New(client.Config{Endpoints: l.endpoints})
	if err != nil {
		return nil, err
	}
	s, err := c.NewSession(ctx)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return &leaseholdClient{c, s}, nil
}

type leaseholdClient struct {
	client  *client.Client
	session *client.Session
}

func inCell(name string) string { return "/ls/local/" + name }

func (x *leaseholdClient) Make(ctx context.Context, name string, data []byte) error {
	_, err := x.session.Create(ctx, inCell(name), data, client.Parents())
	if errors.Is(err, cell.ErrExists) {
		return nil
	}
	return err
}

func (x *leaseholdClient) Write(ctx context.Context, name string, data []byte) error {
	_, err := x.session.Write(ctx, inCell(name), data)
	return err
}

func (x *leaseholdClient) Read(ctx context.Context, name string) error {
	_, err := x.session.Read(ctx, inCell(name), client.Uncached())
	return err
}

func (x *leaseholdClient) ReadLoose(ctx context.Context, name string) error {
	_, err := x.session.Read(ctx, inCell(name), client.AtReplica())
	return err
}

func (x *leaseholdClient) ReadSynced(ctx context.Context, name string) error {
	_, err := x.session.Read(ctx, inCell(name), client.Sync())
	return err
}

func (x *leaseholdClient) ReadCached(ctx context.Context, name string) error {
	_, err := x.session.Read(ctx, inCell(name))
	return err
}

func (x *leaseholdClient) Lock(ctx context.Context, name string) (func(context.Context) error, error) {
	hold, err := x.session.Lock(ctx, inCell(name))
	if err != nil {
		return nil, err
	}
	return hold.Unlock, nil
}

func (x *leaseholdClient) Watch(ctx context.Context, name string, ready func(), see func([]byte)) error {
	for event, err := range x.session.Watch(ctx, inCell(name)) {
		switch {
		case err != nil:
			return err
		case event.Kind == client.EventSynced:
			ready()
		case event.Kind == client.EventModified:
			see(event.Contents)
		case event.Kind == client.EventResync:
			return errors.New("resync")
		}
	}
	return ctx.Err()
}

func (x *leaseholdClient) Close() { _ = x.client.Close() }
