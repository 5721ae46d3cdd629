package wal

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// spoil changes one byte of a file, counted from its end when negative.
func spoil(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 0x40
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

// refused checks that an image does not open, for that reason, twice alike, with the remedy.
func refused(t *testing.T, image string, reason error, remedy, says string) {
	t.Helper()
	var first string
	for range 2 {
		_, _, err := Open(image, small)
		require.ErrorIs(t, err, reason)
		require.ErrorContains(t, err, remedy)
		require.ErrorContains(t, err, says)
		if first == "" {
			first = err.Error()
		}
		require.Equal(t, first, err.Error())
	}
}

func closed(t *testing.T, last uint64, snaps ...uint64) (dir string, segments []uint64) {
	t.Helper()
	dir, l := fresh(t, small, last)
	for _, i := range snaps {
		snap(t, l, i)
	}
	require.NoError(t, l.Close())
	return dir, l.segments
}

func TestZ12_ATornTailIsCutAndSaid(t *testing.T) {
	dir, l := fresh(t, Options{Cell: home}, 30)
	require.NoError(t, l.Append(recs(31, 32)))
	tail := l.segmentPath(l.segments[len(l.segments)-1])
	require.NoError(t, l.Close())
	whole, err := os.ReadFile(tail)
	require.NoError(t, err)
	for cut := 1; cut < record.EntryBytes(len(rec(32).Payload)); cut++ {
		to := image(t, dir)
		at := filepath.Join(to, "log-1", filepath.Base(tail))
		require.NoError(t, os.WriteFile(at, whole[:len(whole)-cut], 0o600))
		found, l := starts(t, "cut", to)
		require.Equal(t, mark(31), found.Summary.Last)
		require.Equal(t, record.EntryBytes(len(rec(32).Payload))-cut, found.TornBytes)
		require.Len(t, found.Notes, 1)
		require.Contains(t, found.Notes[0], "torn")
		goesOn(t, "cut", to, l)
	}
}

func TestZ12_DamageToWhatWasPromisedIsRefused(t *testing.T) {
	dir, l := fresh(t, small, 20)
	put(t, l, 21, 30)
	segments := l.segments
	require.NoError(t, l.Close())
	log := func(at string, i int) string { return filepath.Join(at, "log-1", segmentName(segments[i])) }
	for name, harm := range map[string]func(at string){
		"a byte in the first segment": func(at string) { spoil(t, log(at, 0), 60) },
		"a byte in the middle":        func(at string) { spoil(t, log(at, 2), -1) },
		"a byte in the last segment":  func(at string) { spoil(t, log(at, len(segments)-1), 1) },
		"a segment of any size":       func(at string) { require.NoError(t, os.Truncate(log(at, 1), maxSegmentFile+1)) },
		"a missing segment":           func(at string) { require.NoError(t, os.Remove(log(at, 1))) },
		"a doubled segment": func(at string) {
			b, err := os.ReadFile(log(at, 1))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(log(at, 2), b, 0o600))
		},
		"another program's file": func(at string) {
			require.NoError(t, os.WriteFile(log(at, 1)+".START", nil, 0o600))
		},
	} {
		to := image(t, dir)
		harm(to)
		t.Log(name)
		refused(t, to, record.ErrDamaged, record.Rebuild, "")
	}
}

func TestZ12_ALogThatEndsBeforeItsSnapshotIsRefused(t *testing.T) {
	dir, segments := closed(t, 30, 30)
	for _, first := range segments[3:] {
		require.NoError(t, os.Remove(filepath.Join(dir, "log-1", segmentName(first))))
	}
	refused(t, dir, record.ErrDamaged, record.Rebuild, "before the snapshot")
}

func TestZ11_LostHistoryIsRefused(t *testing.T) {
	dir, _ := closed(t, 30, 20)
	for name, harm := range map[string]func(at string){
		"no log and no CURRENT": func(at string) {
			require.NoError(t, os.RemoveAll(filepath.Join(at, "log-1")))
			require.NoError(t, os.Remove(filepath.Join(at, "CURRENT")))
		},
		"no log":     func(at string) { require.NoError(t, os.RemoveAll(filepath.Join(at, "log-1"))) },
		"no CURRENT": func(at string) { require.NoError(t, os.Remove(filepath.Join(at, "CURRENT"))) },
		"no hard":    func(at string) { require.NoError(t, os.Remove(filepath.Join(at, "hard"))) },
		"neither hard nor CURRENT": func(at string) {
			require.NoError(t, os.Remove(filepath.Join(at, "hard")))
			require.NoError(t, os.Remove(filepath.Join(at, "CURRENT")))
		},
		"only the hard state": func(at string) {
			for _, name := range []string{"log-1", "CURRENT", "snapshots"} {
				require.NoError(t, os.RemoveAll(filepath.Join(at, name)))
			}
		},
	} {
		to := image(t, dir)
		harm(to)
		t.Log(name)
		refused(t, to, record.ErrLost, record.Rebuild, "")
	}
}

func TestZ11_AnEmptyHistoryWithoutTheMarkIsTrue(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	l, _ := open(t, dir, small)
	require.NoError(t, l.SaveHard(record.HardState{Incarnation: 3, Boot: 1}))
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "log-1")))
	require.NoError(t, os.Remove(filepath.Join(dir, "CURRENT")))
	l, found := open(t, dir, small)
	require.Equal(t, uint64(1), found.Hard.Boot)
	require.Equal(t, record.Summary{First: 1}, found.Summary)
	require.NoError(t, l.SaveHard(begun))
	require.NoError(t, l.Close())
	refused(t, dir, record.ErrLost, record.Rebuild, "history has begun")
}

// A log that was cut down to nothing is empty in truth, until it holds something durable again.
func TestZ11_AFilledLogIsLostWhenItIsEmpty(t *testing.T) {
	for name, fill := range map[string]func(dir string, l *Log){
		"filled by a sync": func(_ string, l *Log) {
			require.NoError(t, l.TruncateAfter(0))
			put(t, l, 1, 1)
		},
		"never cut, after a crash": func(dir string, l *Log) {
			require.NoError(t, l.emptied(true))
			require.NoError(t, l.Close())
			again, _ := open(t, dir, small)
			require.NoError(t, again.Close())
		},
	} {
		dir, l := fresh(t, small, 5)
		fill(dir, l)
		require.NoError(t, l.Close())
		require.NoError(t, os.Truncate(filepath.Join(dir, "log-1", segmentName(1)), 0))
		t.Log(name)
		refused(t, dir, record.ErrLost, record.Rebuild, "history has begun")
	}
}

func TestZ12_ZK2325_ALogWithoutItsSnapshotIsRefused(t *testing.T) {
	dir, l := fresh(t, small, 40)
	snap(t, l, 20)
	snap(t, l, 30)
	require.NoError(t, l.Snapshots().Prune(1))
	require.NoError(t, l.Compact(40))
	require.Greater(t, l.First(), uint64(21))
	require.NoError(t, l.Close())
	gone := image(t, dir)
	require.NoError(t, os.RemoveAll(filepath.Join(gone, "snapshots")))
	refused(t, gone, record.ErrLost, record.Rebuild, "the newest snapshot that can be read")
	spoil(t, filepath.Join(dir, "snapshots", filepath.Base(l.Snapshots().path(mark(30), suffixSnap))), 100)
	refused(t, dir, record.ErrLost, record.Rebuild, "the newest snapshot that can be read")
}

func TestZ12_AnOlderSnapshotServesWhenTheNewestIsDamaged(t *testing.T) {
	dir, _ := closed(t, 30, 10, 20)
	spoil(t, filepath.Join(dir, "snapshots", filepath.Base((&Snapshots{}).path(mark(20), suffixSnap))), 100)
	l, found := open(t, dir, small)
	require.Equal(t, mark(10), found.Summary.Snapshot)
	require.Len(t, found.Notes, 1)
	require.Equal(t, []uint64{10}, listed(t, l.Snapshots()))
	holds(t, l, 1, 30)
	require.NoError(t, l.Snapshots().Prune(3))
	left, err := filepath.Glob(filepath.Join(dir, "snapshots", "*"))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestZ16_NewerFilesAreRefusedWithTheRemedy(t *testing.T) {
	dir, _ := closed(t, 10, 5)
	newer := func(b []byte) { // what is sealed, of another format
		b[0] = cell.Format + 1
		binary.LittleEndian.PutUint32(b[len(b)-4:], record.UpdateSum(0, b[:len(b)-4]))
	}
	for name, harm := range map[string]func(b []byte){
		"CURRENT": newer,
		"hard":    func(b []byte) { newer(b[4:][:binary.LittleEndian.Uint32(b)]) }, // one of two slots
	} {
		to := image(t, dir)
		path := filepath.Join(to, name)
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		harm(b)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		refused(t, to, record.ErrNewer, record.Upgrade, "format")
	}
}

func TestZ11_AnotherCellsSnapshotsAreRefused(t *testing.T) {
	dir, _ := closed(t, 10, 5)
	_, _, err := Open(dir, Options{Cell: cell.CellID{9}})
	require.ErrorIs(t, err, record.ErrForeign)
	require.ErrorContains(t, err, record.Separate)
	l, _ := open(t, dir, Options{}) // the cell is not known yet
	require.Error(t, l.Snapshots().Create(mark(6), writer(6)))
	l.Snapshots().SetCell(home)
	snap(t, l, 6)
	reads(t, l.Snapshots(), 6)
}
