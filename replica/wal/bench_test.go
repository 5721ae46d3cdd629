package wal

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// One operation is one batch of records of 1 KiB, appended and synced.
func BenchmarkAppendSync(b *testing.B) {
	for _, segment := range []int{4 << 20, 8 << 20, 16 << 20} {
		for _, batch := range []int{1, 64} {
			b.Run(fmt.Sprintf("segment=%dMiB/batch=%d", segment>>20, batch), func(b *testing.B) {
				l, _, err := Open(filepath.Join(b.TempDir(), "data"), Options{Cell: home, SegmentBytes: segment})
				require.NoError(b, err)
				defer l.Close()
				require.NoError(b, l.SaveHard(begun))
				payload, next := make([]byte, 1024), uint64(1)
				rs := make([]record.Record, batch)
				b.SetBytes(int64(batch) * 1024)
				b.ReportAllocs()
				for b.Loop() {
					for i := range rs {
						rs[i] = record.Make(next, cell.MakeZxid(1, uint32(next)), record.Normal, payload)
						next++
					}
					require.NoError(b, l.Append(rs))
					require.NoError(b, l.Sync())
				}
				b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "records/s")
			})
		}
	}
}

// One operation is a start with a log of 64 MiB.
func BenchmarkOpen(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	l, _, err := Open(dir, Options{Cell: home})
	require.NoError(b, err)
	require.NoError(b, l.SaveHard(begun))
	payload := make([]byte, 1024)
	for i := uint64(1); i <= 64<<10; i++ {
		require.NoError(b, l.Append([]record.Record{record.Make(i, cell.Zxid(i), record.Normal, payload)}))
	}
	require.NoError(b, l.Sync())
	require.NoError(b, l.Close())
	b.SetBytes(64 << 20)
	for b.Loop() {
		l, _, err := Open(dir, Options{Cell: home})
		require.NoError(b, err)
		require.NoError(b, l.Close())
	}
}
