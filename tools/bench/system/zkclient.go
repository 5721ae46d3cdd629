package system

import (
	"context"
	"errors"
	"path"

	"github.com/go-zookeeper/zk"
)

// zkClient is a session of the Go client. That client's calls know no contexts: one that is
// lost ends with the connection.
type zkClient struct{ conn *zk.Conn }

var zkAll = zk.WorldACL(zk.PermAll)

func (x *zkClient) Make(ctx context.Context, name string, data []byte) error {
	_, err := x.conn.Create("/"+name, data, 0, zkAll)
	if errors.Is(err, zk.ErrNoNode) {
		if err := x.Make(ctx, path.Dir(name), nil); err != nil {
			return err
		}
		_, err = x.conn.Create("/"+name, data, 0, zkAll)
	}
	if errors.Is(err, zk.ErrNodeExists) {
		return nil
	}
	return err
}

func (x *zkClient) Write(_ context.Context, name string, data []byte) error {
	_, err := x.conn.Set("/"+name, data, -1)
	return err
}

// Read syncs first: a server's own answer may be older than a finished write.
func (x *zkClient) Read(_ context.Context, name string) error {
	if _, err := x.conn.Sync("/" + name); err != nil {
		return err
	}
	_, _, err := x.conn.Get("/" + name)
	return err
}

func (x *zkClient) ReadLoose(_ context.Context, name string) error {
	_, _, err := x.conn.Get("/" + name)
	return err
}

func (x *zkClient) Lock(_ context.Context, name string) (func(context.Context) error, error) {
	lock := zk.NewLock(x.conn, "/"+name, zkAll)
	return func(context.Context) error { return lock.Unlock() }, lock.Lock()
}

// Watch reads anew after each event: an event here has no contents and comes once.
func (x *zkClient) Watch(ctx context.Context, name string, ready func(), see func([]byte)) error {
	for first := true; ; first = false {
		data, _, events, err := x.conn.GetW("/" + name)
		if err != nil {
			return err
		}
		if first {
			ready()
		} else {
			see(data)
		}
		select {
		case <-events:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (x *zkClient) Close() { x.conn.Close() }
