package recipe_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// short makes leases and delays as short as a cell takes them: who dies is missed soon.
func short(c *host.Config) {
	c.Lengths.SessionLease, c.Lengths.CacheLease = time.Second, 500*time.Millisecond
	c.Lengths.LockDelay = 200 * time.Millisecond
}

func startCell(t testing.TB) *celltest.Cell { return celltest.Start(t, 1, short) }

func newClient(t testing.TB, c *celltest.Cell) *client.Client {
	t.Helper()
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	return cl
}

func newSession(t testing.TB, c *celltest.Cell) *client.Session {
	t.Helper()
	s, err := newClient(t, c).NewSession(t.Context())
	require.NoError(t, err)
	return s
}

func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// A native lock passes from one holder to the next in one commit: the token of the next is the zxid
// of the release, and nothing else was logged between.
func TestC2_ANativeHandOverIsOneCommit(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	one, two := newSession(t, c), newSession(t, c)
	first, err := one.Lock(ctx, "/ls/local/l")
	require.NoError(t, err)
	granted := make(chan *client.Hold, 1)
	go func() {
		k, err := two.Lock(ctx, "/ls/local/l")
		if err == nil {
			granted <- k
		}
	}()
	watcher := newClient(t, c)
	require.Eventually(t, func() bool {
		l, err := watcher.LockOf(ctx, "/ls/local/l")
		return err == nil && len(l.Waiters) == 1
	}, 10*time.Second, time.Millisecond)
	at := func() cell.Zxid {
		s, err := watcher.Status(ctx)
		require.NoError(t, err)
		require.Len(t, s.Replicas, 1)
		return s.Replicas[0].Zxid
	}
	before := at()
	require.NoError(t, first.Unlock(ctx))
	next := <-granted
	require.Equal(t, uint64(before)+1, next.Sequencer().Token(), "the release is the grant")
	require.Equal(t, before+1, at(), "one commit for the hand-over")
}
