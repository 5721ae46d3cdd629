package system

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
	"go.uber.org/zap"

	"github.com/leasehold/leasehold/tools/bench/proc"
)

// etcdLease is the time-to-live of a session, in seconds: leasehold's default.
const etcdLease = 12

// Etcd is five etcd servers with their default timings.
type Etcd struct {
	Houses Houses

	program   string
	version   string
	endpoints []string
	ids       map[uint64]int // a member's id → its place
	master    int
	asker     *clientv3.Client
	procs     []*proc.Proc
}

// Name is the system's name in tables and flags.
func (*Etcd) Name() string { return "etcd" }

// Build compiles the server from the module that go.mod names.
func (e *Etcd) Build(ctx context.Context, dir string) (err error) {
	e.version = moduleVersion(ctx, "go.etcd.io/etcd/server/v3")
	e.program, err = build(ctx, dir, "etcd", module+"/etcdmain")
	return err
}

// Facts describe the system.
func (e *Etcd) Facts() []string {
	return []string{"etcd " + e.version + ", five members, defaults but for an 8 GiB quota;" +
		" locks are its client's concurrency.Mutex, one session a client, time-to-live 12 s"}
}

// Start starts a new cluster.
func (e *Etcd) Start(ctx context.Context, dir string) error {
	e.procs, e.endpoints, e.ids = nil, nil, map[uint64]int{}
	if e.asker != nil {
		_ = e.asker.Close()
	}
	first, err := proc.FreePorts(2 * replicas)
	if err != nil {
		return err
	}
	var cluster []string
	for i := range replicas {
		cluster = append(cluster, fmt.Sprintf("m%d=http://%s", i, e.Houses.at(i, first+replicas+i)))
	}
	for i := range replicas {
		at, peer := "http://"+e.Houses.at(i, first+i), "http://"+e.Houses.at(i, first+replicas+i)
		p, err := proc.StartIn(e.Houses.of(i), fmt.Sprintf("etcd-%d", i), dir, nil, e.program,
			"--name", fmt.Sprintf("m%d", i), "--data-dir", fmt.Sprintf("%s/m%d", dir, i), "--log-level", "warn",
			"--listen-client-urls", at, "--advertise-client-urls", at,
			"--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
			"--initial-cluster", strings.Join(cluster, ","), "--quota-backend-bytes", "8589934592")
		if err != nil {
			return err
		}
		e.procs, e.endpoints = append(e.procs, p), append(e.endpoints, e.Houses.at(i, first+i))
	}
	if e.asker, err = e.dial(e.endpoints); err != nil {
		return err
	}
	return e.Ready(ctx)
}

func (e *Etcd) dial(endpoints []string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{Endpoints: endpoints, Logger: zap.NewNop()})
}

// Ready waits until all members know the leader.
func (e *Etcd) Ready(ctx context.Context) error {
	return await(ctx, "etcd", func(ctx context.Context) error {
		var leader uint64
		for i, at := range e.endpoints {
			status, err := e.status(ctx, at)
			if err != nil {
				return err
			}
			e.ids[status.Header.MemberId] = i
			if status.Leader == 0 || leader != 0 && leader != status.Leader {
				return errors.New("no leader yet")
			}
			leader = status.Leader
		}
		e.master = e.ids[leader]
		return nil
	})
}

func (e *Etcd) status(ctx context.Context, at string) (*clientv3.StatusResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	return e.asker.Status(ctx, at)
}

// Procs are the members.
func (e *Etcd) Procs() []*proc.Proc { return e.procs }

// Master asks the members.
func (e *Etcd) Master(ctx context.Context) (*proc.Proc, error) {
	if err := e.Ready(ctx); err != nil {
		return nil, err
	}
	return e.procs[e.master], nil
}

// Connect makes a client with one connection, or (Anywhere) with one to each member.
func (e *Etcd) Connect(ctx context.Context, i int, where Where) (Client, error) {
	endpoints := e.endpoints
	if where != Anywhere {
		endpoints = endpoints[where.index(i, e.master):][:1]
	}
	c, err := e.dial(endpoints)
	if err != nil {
		return nil, err
	}
	if _, err := c.Get(ctx, "connected"); err != nil {
		_ = c.Close()
		return nil, err
	}
	return &etcdClient{client: c}, nil
}

type etcdClient struct {
	client *clientv3.Client

	mu      sync.Mutex
	session *concurrency.Session
}

func (x *etcdClient) Make(ctx context.Context, name string, data []byte) error {
	return x.Write(ctx, name, data)
}

func (x *etcdClient) Write(ctx context.Context, name string, data []byte) error {
	_, err := x.client.Put(ctx, "/"+name, string(data))
	return err
}

func (x *etcdClient) Read(ctx context.Context, name string) error {
	return found(x.client.Get(ctx, "/"+name))
}

func (x *etcdClient) ReadLoose(ctx context.Context, name string) error {
	return found(x.client.Get(ctx, "/"+name, clientv3.WithSerializable()))
}

func found(answer *clientv3.GetResponse, err error) error {
	if err == nil && len(answer.Kvs) != 1 {
		err = errors.New("not found")
	}
	return err
}

// Lease makes the session, with its lease and keep-alives, that locks need.
func (x *etcdClient) Lease(context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.session != nil {
		return nil
	}
	session, err := concurrency.NewSession(x.client, concurrency.WithTTL(etcdLease))
	x.session = session
	return err
}

func (x *etcdClient) Lock(ctx context.Context, name string) (func(context.Context) error, error) {
	if err := x.Lease(ctx); err != nil {
		return nil, err
	}
	mutex := concurrency.NewMutex(x.session, "/"+name)
	return mutex.Unlock, mutex.Lock(ctx)
}

func (x *etcdClient) Watch(ctx context.Context, name string, ready func(), see func([]byte)) error {
	for answer := range x.client.Watch(ctx, "/"+name, clientv3.WithCreatedNotify()) {
		if err := answer.Err(); err != nil {
			return err
		}
		if answer.Created {
			ready()
		}
		for _, event := range answer.Events {
			see(event.Kv.Value)
		}
	}
	return ctx.Err()
}

func (x *etcdClient) Close() {
	if x.session != nil {
		_ = x.session.Close()
	}
	_ = x.client.Close()
}
