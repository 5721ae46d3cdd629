package check

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/tools/celltest"
)

// stopped is the data directory of a replica that has written, taken snapshots and compared digests.
func stopped(t *testing.T) string {
	t.Helper()
	c := celltest.Start(t, 1, func(h *host.Config) {
		h.SnapshotCount, h.SnapshotsKept, h.SegmentBytes, h.MarkerEvery = 40, 2, 8<<10, 7
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cl, err := client.New(client.Config{Endpoints: c.Endpoints, Cell: celltest.Name})
	require.NoError(t, err)
	s, err := cl.NewSession(ctx)
	require.NoError(t, err)
	for i := range 150 {
		_, err := s.Write(ctx, fmt.Sprintf("/ls/local/n%d", i%20), bytes.Repeat([]byte{byte(i)}, 300), client.OrCreate())
		require.NoError(t, err)
	}
	var out bytes.Buffer
	require.ErrorIs(t, Run(c.Config(1).Dir, &out), wal.ErrInUse, "a replica runs on it")
	require.Empty(t, out.String())
	require.NoError(t, cl.Close())
	c.Stop(1)
	return c.Config(1).Dir
}

// everything is each file of a directory, with its contents.
func everything(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var b []byte
			b, err = os.ReadFile(path)
			all[path[len(dir)+1:]] = string(b)
		}
		return err
	}))
	return all
}

func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, all, pattern)
	return all[0]
}

// A sound directory is found sound, part by part, and stays as it was; each damage is found, named, and
// has its remedy.
func TestZ12_Z14_ADirectoryIsCheckedWhole(t *testing.T) {
	dir := stopped(t)
	before := everything(t, dir)
	var out bytes.Buffer
	require.NoError(t, Run(dir, &out), out.String())
	for _, part := range []string{"birth: ", "hard: ", "CURRENT: ", "snapshot ", "log-1/", "history: ", "tree: at "} {
		require.Contains(t, out.String(), "ok       "+part)
	}
	require.NotContains(t, out.String(), "; 0 of ", "digests were announced and compared")
	require.NotContains(t, out.String(), "damaged")
	require.Equal(t, before, everything(t, dir), "nothing was changed")

	flip := func(name string, at func(size int) int) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := one(t, dir, name)
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			b[at(len(b))] ^= 8
			require.NoError(t, os.WriteFile(path, b, 0o600))
		}
	}
	half := func(n int) int { return n / 2 }
	first := func(int) int { return 100 }
	for name, x := range map[string]struct {
		harm func(*testing.T, string)
		says []string
	}{
		"birth": {flip("birth", half), []string{"damaged  birth: ", "learner"}},
		"hard": {func(t *testing.T, dir string) {
			flip("hard", half)(t, dir)
			flip("hard", first)(t, dir)
		}, []string{"damaged  hard: ", "rebuilt from its peers"}},
		"a copy":   {flip("hard", half), []string{"damaged  hard: ", "its other copy", "ok       hard: "}},
		"CURRENT":  {flip("CURRENT", half), []string{"damaged  CURRENT: "}},
		"snapshot": {flip("snapshots/*.snap", half), []string{"damaged  snapshot ", "rebuilt from its peers"}},
		"its end":  {flip("snapshots/*.snap", func(n int) int { return n - 3 }), []string{"damaged  snapshot "}},
		"a record": {flip("log-1/*", first), []string{"damaged  log: log-1/0"}},
		"no log": {func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, "log-1"))) },
			[]string{"damaged  log: lost", "rebuilt"}},
		"no CURRENT": {func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "CURRENT"))) },
			[]string{"damaged  CURRENT: lost"}},
		"no snapshots": {func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "snapshots")))
		}, []string{"damaged  "}},
		"a death": {func(t *testing.T, dir string) {
			require.NoError(t, wal.WriteDeath(dir, cell.MakeZxid(5, 42), "invariant broken: x"))
		}, []string{"damaged  died: died applying a transaction: transaction 5.42: invariant broken: x",
			"version that mends"}},
	} {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "data")
			require.NoError(t, os.CopyFS(copied, os.DirFS(dir)))
			x.harm(t, copied)
			before := everything(t, copied)
			var out bytes.Buffer
			require.ErrorIs(t, Run(copied, &out), cell.ErrDamaged, out.String())
			for _, text := range x.says {
				require.Contains(t, out.String(), text)
			}
			require.Equal(t, before, everything(t, copied), "nothing was changed")
		})
	}
}

// Every byte of a snapshot and of an old segment is looked at.
func TestZ12_NoFlippedBitPassesTheCheck(t *testing.T) {
	dir := stopped(t)
	for _, pattern := range []string{"snapshots/*.snap", "log-1/*", "hard", "birth", "CURRENT"} {
		all, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		path := all[0] // the last segment's end may be torn: that is no damage
		sound, err := os.ReadFile(path)
		require.NoError(t, err)
		if pattern == "log-1/*" { // the room behind its records is nobody's
			sound = bytes.TrimRight(sound, "\x00")
		}
		for at := 0; at < len(sound); at += 1 + len(sound)/40 {
			bad := append([]byte(nil), sound...)
			bad[at] ^= 1 << (at % 8)
			require.NoError(t, os.WriteFile(path, bad, 0o600))
			var out bytes.Buffer
			require.ErrorIs(t, Run(dir, &out), cell.ErrDamaged, "%s, byte %d of %d:\n%s", path, at, len(sound), out.String())
		}
		require.NoError(t, os.WriteFile(path, sound, 0o600))
	}
	var out bytes.Buffer
	require.NoError(t, Run(dir, &out), out.String())
}

// The log must give what a quorum had, and what the snapshots have.
func TestZ14_AnotherTreeThanTheAnnouncedOneIsFound(t *testing.T) {
	at := record.Mark{Index: 7, Zxid: cell.MakeZxid(1, 7)}
	r := replay{t: tree.New(tree.Options{}), points: []point{{5, 1}}, snapshots: []taken{{at, 9}}}
	require.NoError(t, r.announcement(at, &tree.Marker{Agreed: 5, Digest: 1}))
	require.NoError(t, r.announcement(at, &tree.Marker{Agreed: 4, Digest: 3}), "of before the log")
	require.Equal(t, []int{2, 1}, []int{r.announced, r.agreed})
	require.ErrorIs(t, r.announcement(at, &tree.Marker{Agreed: 5, Digest: 2}), record.ErrDamaged)
	require.ErrorIs(t, r.compare(at), record.ErrDamaged)
	require.NoError(t, r.compare(record.Mark{Index: 8, Zxid: cell.MakeZxid(1, 8)}))
}

func TestWhatIsNoDataDirectoryIsUsage(t *testing.T) {
	empty := t.TempDir()
	file := filepath.Join(empty, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{filepath.Join(empty, "none"), empty, file} {
		var out bytes.Buffer
		require.ErrorIs(t, Run(dir, &out), cell.ErrUsage, dir)
		require.Empty(t, out.String())
	}
}
