package client_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC6_AFailOverLeavesTheCacheFull: the master is stopped under a session that has cached more
// nodes than one question may claim, a child list and an absence. They come back without being
// read, but for what was changed meanwhile; and whatever came back is told of its next change.
func TestC6_AFailOverLeavesTheCacheFull(t *testing.T) {
	const many = call.MaxClaims + 100
	c := celltest.Start(t, 3, func(h *host.Config) { h.Lengths.CacheLease = h.Lengths.SessionLease })
	_, s := open(t, c)
	_, other := open(t, c)
	ctx := limited(t)
	name := func(i int) string { return fmt.Sprintf("/ls/local/dir/%04d", i) }
	_, err := s.Create(ctx, "/ls/local/dir", nil)
	require.NoError(t, err)
	var making sync.WaitGroup
	failed := make([]error, many)
	for w := range 16 {
		making.Go(func() {
			for i := w; i < many; i += 16 {
				_, failed[i] = s.Create(ctx, name(i), []byte("1"))
			}
		})
	}
	making.Wait()
	require.NoError(t, errors.Join(failed...))
	c.Await("the session caches", func() bool {
		_, err := s.Read(ctx, name(0))
		return err == nil && s.CacheStats().Hits > 0
	})
	readAll := func() {
		for i := range many {
			_, err := s.Read(ctx, name(i))
			require.NoError(t, err)
		}
		kids, err := s.List(ctx, "/ls/local/dir")
		require.NoError(t, err)
		require.Len(t, kids, many)
		_, err = s.Stat(ctx, "/ls/local/none")
		require.ErrorIs(t, err, cell.ErrNotFound)
	}
	readAll()
	require.Equal(t, many+2, s.CacheStats().Entries)

	c.Stop(c.AwaitMaster())
	c.AwaitMaster()
	c.Await("everything is confirmed", func() bool {
		got := s.CacheStats()
		return got.Revalidations == many+2 && got.Aside == 0
	})
	before := s.CacheStats()
	readAll()
	after := s.CacheStats()
	require.Equal(t, before.Misses, after.Misses, "nothing had to be read anew")
	require.Equal(t, before.Hits+many+2, after.Hits)

	_, err = other.Write(ctx, name(7), []byte("2"))
	require.NoError(t, err)
	f, err := s.Read(ctx, name(7))
	require.NoError(t, err)
	require.Equal(t, "2", string(f.Contents))
	require.Equal(t, after.Invalidations+1, s.CacheStats().Invalidations)
	require.Equal(t, client.Connected, s.State())
}
