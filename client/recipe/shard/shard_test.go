package shard_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/shard"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

const count = 6

// farm notes who works on what.
type farm struct {
	t       *testing.T
	mu      sync.Mutex
	working [count]string
}

func (f *farm) work(member string) func(ctx context.Context, n int, held cell.Sequencer) error {
	return func(ctx context.Context, n int, _ cell.Sequencer) error {
		f.note(n, "", member)
		<-ctx.Done()
		f.note(n, member, "")
		return nil
	}
}

func (f *farm) note(n int, was, is string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.working[n] != was {
		f.t.Errorf("shard %d: %q begins while %q works on it", n, is, f.working[n])
	}
	f.working[n] = is
}

func (f *farm) shares() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := map[string]int{}
	for _, m := range f.working {
		n[m]++
	}
	return n
}

func (f *farm) await(want map[string]int) {
	f.t.Helper()
	require.Eventually(f.t, func() bool { return fmt.Sprint(f.shares()) == fmt.Sprint(want) },
		30*time.Second, 5*time.Millisecond, "%v, is %v", want, f.shares())
}

func shards(t *testing.T, c *celltest.Cell) shard.Shards {
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	return shard.Shards{Client: cl, Name: "/ls/local/farm", Count: count}
}

func TestShardsAreDividedUpAmongTheLiving(t *testing.T) {
	c := celltest.Start(t, 1, func(c *host.Config) {
		c.Lengths.SessionLease, c.Lengths.CacheLease = time.Second, 500*time.Millisecond
		c.Lengths.LockDelay = 200 * time.Millisecond
	})
	f := &farm{t: t}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	run := func(ctx context.Context, member string) {
		all.Go(func() { _ = shards(t, c).Run(ctx, member, f.work(member)) })
	}
	run(ctx, "a")
	f.await(map[string]int{"a": 6})
	goes, leave := context.WithCancel(ctx)
	run(goes, "b")
	f.await(map[string]int{"a": 3, "b": 3})
	run(ctx, "c")
	f.await(map[string]int{"a": 2, "b": 2, "c": 2})
	leave()
	f.await(map[string]int{"a": 3, "c": 3})
	cl := shards(t, c)
	s, err := cl.Client.NewSession(ctx)
	require.NoError(t, err)
	owners, err := cl.Owners(ctx, s)
	require.NoError(t, err)
	require.Len(t, owners, count)
	require.NotContains(t, owners, "b")
}
