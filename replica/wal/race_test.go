package wal

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The log's goroutine appends and compacts while another makes, prunes and sends snapshots.
func TestSnapshotsAreMadeBesideTheLog(t *testing.T) {
	dir, l := fresh(t, small, 200)
	s := l.Snapshots()
	var beside sync.WaitGroup
	beside.Go(func() {
		for i := uint64(10); i <= 200; i += 10 {
			assert.NoError(t, s.Create(mark(i), writer(i)))
			assert.NoError(t, s.Prune(2))
			r, _, err := s.OpenRaw(mark(i))
			if assert.NoError(t, err) {
				assert.NoError(t, r.Close())
			}
		}
	})
	for i := uint64(201); i <= 300; i += 4 {
		require.NoError(t, l.Append(recs(i, i+3)))
		require.NoError(t, l.Sync())
		require.NoError(t, l.Compact(i))
	}
	beside.Wait()
	require.NoError(t, l.Compact(300))
	require.Equal(t, []uint64{200, 190}, listed(t, s))
	require.NoError(t, l.Close())
	l, found := open(t, dir, small)
	require.Equal(t, mark(200), found.Summary.Snapshot)
	require.LessOrEqual(t, l.First(), uint64(191))
	require.Greater(t, l.First(), uint64(180))
	holds(t, l, l.First(), 300)
}
