package system

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/leasehold/leasehold/tools/bench/proc"
)

// Replicas is how many servers each system has.
const Replicas = 5

const replicas = Replicas

// readyPatience is how long a system may take to elect a master.
const readyPatience = 60 * time.Second

// Where says which servers a client may speak to.
type Where int

const (
	// AtMaster: one connection, to the master or leader, where every write is decided: the
	// shortest way on one machine. (A leasehold session finds its master by itself.)
	AtMaster Where = iota
	// Spread: one connection, to server i modulo five.
	Spread
	// AtFollower: one connection, to a server that is not the master.
	AtFollower
	// Anywhere: all servers are told to the client, which does as it does by default.
	Anywhere
)

// System is five servers of one kind.
type System interface {
	Name() string
	// Build makes what Start needs, in dir, once. An error is the reason to leave the system out.
	Build(ctx context.Context, dir string) error
	// Facts are lines for the report: version, settings.
	Facts() []string
	// Start starts five servers on empty disks below dir and waits until one is master.
	Start(ctx context.Context, dir string) error
	// Ready waits until all five run as master or follower.
	Ready(ctx context.Context) error
	// Procs are the servers.
	Procs() []*proc.Proc
	// Master is the server that is master now.
	Master(ctx context.Context) (*proc.Proc, error)
	// Connect makes client i, with a connection of its own.
	Connect(ctx context.Context, i int, where Where) (Client, error)
}

// Client is one client with one connection, safe for concurrent use. Names are paths without a
// slash in front, the same for all systems.
type Client interface {
	// Make makes a file and what is above it; one that is there already is no error.
	Make(ctx context.Context, name string, data []byte) error
	// Write replaces the contents of a file; when it returns nil, a majority has synced that.
	Write(ctx context.Context, name string, data []byte) error
	Close()
}

// Reader reads from the servers, never older than the last finished write.
type Reader interface {
	Read(ctx context.Context, name string) error
}

// LooseReader reads from the one server that the client speaks to, which may be behind.
type LooseReader interface {
	ReadLoose(ctx context.Context, name string) error
}

// SyncedReader reads from any server, which must first have all that was written before.
type SyncedReader interface {
	ReadSynced(ctx context.Context, name string) error
}

// CachedReader reads from a cache in the client, never older than the last finished write.
type CachedReader interface {
	ReadCached(ctx context.Context, name string) error
}

// Locker waits until it holds a lock.
type Locker interface {
	Lock(ctx context.Context, name string) (unlock func(context.Context) error, err error)
}

// Watcher tells of every change of a file's contents: ready is called once when changes from
// then on will be told, then see with the contents of each. It ends with ctx or an error.
type Watcher interface {
	Watch(ctx context.Context, name string, ready func(), see func(data []byte)) error
}

// Leaser is a client that has a session or lease only when it is told to.
type Leaser interface {
	Lease(ctx context.Context) error
}

// Crowded is a system to which another process can connect many sessions, each on a connection of
// its own, and which can say how many sessions there are.
type Crowded interface {
	Crowd(ctx context.Context, n int) (*proc.Proc, error)
	Sessions(ctx context.Context) (int, error)
}

// Snapshotter can say whether any of its servers is writing a snapshot.
type Snapshotter interface{ Snapshotting() bool }

// StopAll ends a system's servers.
func StopAll(s System) { proc.StopAll(s.Procs()) }

// StartAgain starts all servers, which must have ended, on the disks that they had.
func StartAgain(s System) error {
	for _, p := range s.Procs() {
		if err := p.Start(); err != nil {
			return err
		}
	}
	return nil
}

// index is the place of a server for client i.
func (w Where) index(i, master int) int {
	switch w {
	case Spread:
		return i % replicas
	case AtFollower:
		return (master + 1) % replicas
	}
	return master
}

// await calls try again and again until it gives nil.
func await(ctx context.Context, what string, try func(ctx context.Context) error) error {
	return awaitFor(ctx, readyPatience, what, try)
}

func awaitFor(ctx context.Context, patience time.Duration, what string, try func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, errors.Join(err, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func awaitPort(ctx context.Context, address string) error {
	return await(ctx, address, func(ctx context.Context) error {
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err
	})
}

// Houses are where the servers of the systems run, if each has a network of its own.
type Houses []*proc.House

// of is the house of server i, nil for none.
func (h Houses) of(i int) *proc.House {
	if len(h) == 0 {
		return nil
	}
	return h[i]
}

// host is the address of server i.
func (h Houses) host(i int) string {
	if len(h) == 0 {
		return "127.0.0.1"
	}
	return h[i].Host
}

func (h Houses) at(i, port int) string { return net.JoinHostPort(h.host(i), strconv.Itoa(port)) }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
