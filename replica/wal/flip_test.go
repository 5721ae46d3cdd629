package wal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/record"
)

// Every byte of every file of a directory, flipped: the replica refuses with the reason and the
// remedy, or says that it cut a torn tail (which only what came after the last mark of what is
// synced can be), or it is a byte that means nothing. What it serves is never another history.
func TestZ12_NoFlippedByteIsServed(t *testing.T) {
	dir, l := fresh(t, small, 12)
	snap(t, l, 10)
	put(t, l, 13, 18) // the last record says that 17 are synced
	require.NoError(t, l.Close())
	cut, refusals := 0, 0
	for _, path := range files(t, dir) {
		whole, err := os.ReadFile(filepath.Join(dir, path))
		require.NoError(t, err)
		to := image(t, dir)
		at := filepath.Join(to, path)
		for i := range whole {
			if filepath.Dir(path) == "snapshots" && i%16 != 0 {
				continue // each byte of a snapshot: TestZ12_NoFlippedBitOfASnapshotIsBelieved
			}
			if path == "hard" && whole[i] == 0 && i%512 != 0 {
				continue // of what fills its slots
			}
			bad := append([]byte(nil), whole...)
			bad[i] ^= 1 << (i % 8)
			require.NoError(t, os.WriteFile(at, bad, 0o600))
			l, found, err := Open(to, small)
			var refusal *record.Refusal
			if errors.As(err, &refusal) {
				refusals++
				require.NotEmpty(t, refusal.Remedy)
				continue
			}
			require.NoError(t, err, "%s, byte %d", path, i)
			require.Equal(t, begun, found.Hard, "%s, byte %d", path, i)
			require.GreaterOrEqual(t, found.Summary.Last.Index, uint64(17), "%s, byte %d", path, i)
			holds(t, l, found.Summary.First, found.Summary.Last.Index)
			if found.Summary.Last.Index < 18 {
				cut++
				require.NotEmpty(t, found.Notes, "%s, byte %d", path, i)
			}
			require.NoError(t, l.Close())
			require.NoError(t, os.RemoveAll(to))
			require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
		}
		require.NoError(t, os.WriteFile(at, whole, 0o600))
	}
	require.Greater(t, refusals, 500)
	require.Greater(t, cut, 50)
	t.Logf("%d refused, %d cut as a torn tail", refusals, cut)
}

// Every file of a directory, cut short at each byte: as above. What a disk loses of the last segment, synced
// or not, is told by nothing that is left: it is a torn tail, and never more than that one segment. An
// older snapshot serves in the place of a newer.
func TestZ12_NoFileCutShortIsServed(t *testing.T) {
	dir, l := fresh(t, small, 12)
	snap(t, l, 5)
	snap(t, l, 10)
	put(t, l, 13, 18) // the last record says that 17 are synced
	last := l.segments[len(l.segments)-1]
	require.NoError(t, l.Close())
	refusals, torn, older := 0, 0, 0
	for _, path := range files(t, dir) {
		whole, err := os.ReadFile(filepath.Join(dir, path))
		require.NoError(t, err)
		to := image(t, dir)
		for n := range whole {
			if filepath.Dir(path) == "snapshots" && n%8 != 0 {
				continue // each byte: TestZ12_NoFlippedBitOfASnapshotIsBelieved
			}
			if path == "hard" && n%256 != 0 {
				continue
			}
			require.NoError(t, os.WriteFile(filepath.Join(to, path), whole[:n], 0o600))
			l, found, err := Open(to, small)
			var refusal *record.Refusal
			if errors.As(err, &refusal) {
				refusals++
				require.NotEmpty(t, refusal.Remedy)
				continue
			}
			require.NoError(t, err, "%s, %d bytes", path, n)
			require.Equal(t, begun, found.Hard, "%s, %d bytes", path, n)
			end := found.Summary.Last.Index
			require.GreaterOrEqual(t, end, last-1, "%s, %d bytes", path, n)
			holds(t, l, found.Summary.First, end)
			if end < 18 {
				torn++
			}
			if found.Summary.Snapshot.Index < 10 {
				older++
				require.NotEmpty(t, found.Notes, "%s, %d bytes", path, n)
			}
			require.NoError(t, l.Close())
			require.NoError(t, os.RemoveAll(to))
			require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
		}
	}
	require.Greater(t, refusals, 200)
	require.Greater(t, torn, 20)
	require.Greater(t, older, 10)
	t.Logf("%d refused, %d cut as a torn tail, %d with the older snapshot", refusals, torn, older)
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}
