package host_test

import (
	"context"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// A clean stop hands the mastership over before it returns: another leads already, its promises
// were released and not waited for, and sessions, holds and waiters live on.
func TestL9_StopHandsOverBeforeItReturns(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs, func(h *host.Config) {
		h.Lengths.MasterLease = 10 * time.Second // who waited for promises would be seen
	})
	s := session(t, c)
	hold, err := s.Lock(limited(t), "/ls/local/lock")
	require.NoError(t, err)
	old := c.AwaitMaster()
	c.Stop(old)
	led := cell.ReplicaID(0)
	for _, m := range c.Members {
		if h := c.Host(m.ID); h != nil && h.Status().Role == "master" {
			led = m.ID
		}
	}
	require.NotZero(t, led, "nobody leads when Stop has returned")
	require.Equal(t, 1, j.count("mastership of epoch 1 lost: this replica is stopping"))
	write(t, s, 1, 10)
	require.NoError(t, hold.Context().Err())
	require.Equal(t, client.Connected, s.State())
}

// Who is alone has nobody to hand over to; stopping twice, and at the same time, is harmless.
func TestStopWithoutAnybodyLeft(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	master := c.AwaitMaster()
	first, second := c.Host(master%3+1), c.Host((master+1)%3+1)
	last := c.Host(master)
	require.NoError(t, first.Stop())
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- second.Stop() }()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	require.NoError(t, last.Stop())
	require.NoError(t, last.Stop())
	require.NoError(t, last.Err())
	<-last.Dead()
}

// Nothing runs on after a stop: no goroutine of replicas, connections or disks.
func TestStopLeavesNoGoroutineBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("cell", func(t *testing.T) {
		c := celltest.Start(t, 3, func(h *host.Config) { h.SnapshotCount = 10 })
		cl, err := client.New(client.Config{Endpoints: c.Endpoints})
		require.NoError(t, err)
		s, err := cl.NewSession(limited(t))
		require.NoError(t, err)
		last := write(t, s, 30, 100)
		away := c.AwaitMaster()%3 + 1
		c.Stop(away)
		c.Restart(away)
		c.AwaitApplied(last)
		require.NoError(t, cl.Close())
	})
	now := 0
	if !settles(func() bool { now = runtime.NumGoroutine(); return now <= before }) {
		stacks := make([]byte, 1<<20)
		require.Fail(t, "goroutines are left", "%d before, %d now\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
	}
}

// settles waits until something is true; its ticker is no goroutine.
func settles(is func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	again := time.NewTicker(tick)
	defer again.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			return false
		case <-again.C:
		}
	}
	return true
}

// A disk that fails ends its replica with a clear line; the cell goes on, and no peer or client
// waits for the dead one.
func TestZ9_AFailingDiskEndsItsReplicaAndNoOther(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs, func(h *host.Config) { h.SegmentBytes = 16 << 10 })
	s := session(t, c)
	write(t, s, 1, 10)
	id := c.AwaitMaster()
	broken := c.Host(id)
	require.NoError(t, os.Rename(c.Config(id).Dir, c.Config(id).Dir+"-gone"))
	write(t, s, 60, 1000) // the log's next segment finds no directory
	<-broken.Dead()
	require.ErrorContains(t, broken.Err(), "disk: ")
	require.Error(t, broken.Stop())
	require.Equal(t, 1, j.count("this replica ends: "))
	c.Await("another leads", func() bool { m := c.Master(); return m != 0 && m != id })
	write(t, s, 10, 10)
	require.Equal(t, client.Connected, s.State())
	c.Forget(id)
}
