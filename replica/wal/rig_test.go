package wal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

var home = cell.CellID{1, 2, 3}

// small makes segments roll after a few records.
var small = Options{Cell: home, SegmentBytes: 400}

var begun = record.HardState{Incarnation: 7, Boot: 1, Begun: true}

func rec(i uint64) record.Record {
	return record.Make(i, cell.MakeZxid(1, uint32(i)), record.Normal, fmt.Appendf(nil, "payload of record %d", i))
}

func recs(from, to uint64) (rs []record.Record) {
	for i := from; i <= to; i++ {
		rs = append(rs, rec(i))
	}
	return rs
}

func mark(i uint64) record.Mark { return rec(i).Mark() }

func open(t *testing.T, dir string, o Options) (*Log, Recovered) {
	t.Helper()
	l, found, err := Open(dir, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l, found
}

// fresh is a directory with a hard state and records 1 … last, synced.
func fresh(t *testing.T, o Options, last uint64) (string, *Log) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	l, _ := open(t, dir, o)
	require.NoError(t, l.SaveHard(begun))
	for i := uint64(1); i <= last; i += 10 {
		require.NoError(t, l.Append(recs(i, min(i+9, last))))
		require.NoError(t, l.Sync())
	}
	return dir, l
}

// put appends and syncs records one by one.
func put(t *testing.T, l *Log, from, to uint64) {
	t.Helper()
	for i := from; i <= to; i++ {
		require.NoError(t, l.Append(recs(i, i)))
		require.NoError(t, l.Sync())
	}
}

func contents(m record.Mark) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "the tree at %v. ", m), 500)
}

func snap(t *testing.T, l *Log, i uint64) {
	t.Helper()
	require.NoError(t, l.Snapshots().Create(mark(i), writer(i)))
}

func writer(i uint64) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(contents(mark(i)))
		return err
	}
}

// receive brings the snapshot at i to l's directory as a peer would send it.
func receive(t *testing.T, l *Log, i uint64) {
	t.Helper()
	_, peer := fresh(t, Options{Cell: home}, i)
	snap(t, peer, i)
	r, _, err := peer.Snapshots().OpenRaw(mark(i))
	require.NoError(t, err)
	require.NoError(t, l.Snapshots().Receive(mark(i), r))
	require.NoError(t, r.Close())
	require.NoError(t, peer.Close())
}

// holds checks that the log serves exactly first … last, each as it was written.
func holds(t *testing.T, l *Log, first, last uint64) {
	t.Helper()
	require.Equal(t, first, l.First())
	require.Equal(t, last, l.Last().Index)
	rs, err := l.Read(first, 1<<20, 1<<30)
	require.NoError(t, err)
	require.Equal(t, recs(first, last), rs)
	files, err := listSegments(l.logDir())
	require.NoError(t, err)
	require.Equal(t, files, l.segments, "the library's segments and ours")
	for i, first := range files {
		data, err := os.ReadFile(l.segmentPath(first))
		require.NoError(t, err)
		end := last
		if i < len(files)-1 {
			end = files[i+1] - 1
		}
		size, err := record.OffsetAfter(data, first, end)
		require.NoError(t, err)
		if i < len(files)-1 {
			require.Len(t, data, size, "only the last segment has room")
			continue
		}
		require.Equal(t, size, l.tail)
		require.Empty(t, bytes.Trim(data[size:], "\x00"))
	}
}

// reads checks that a snapshot reads back whole.
func reads(t *testing.T, s *Snapshots, i uint64) {
	t.Helper()
	r, err := s.Open(mark(i))
	require.NoError(t, err)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Equal(t, contents(mark(i)), got)
}

func listed(t *testing.T, s *Snapshots) (at []uint64) {
	t.Helper()
	marks, err := s.List()
	require.NoError(t, err)
	for _, m := range marks {
		at = append(at, m.Index)
	}
	return at
}

// image copies a directory as a crash would leave it.
func image(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}
