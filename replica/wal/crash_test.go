package wal

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/record"
)

// crashes runs job in a directory and looks at the image that a crash before each single
// operation on the disk, and after the last, would leave.
func crashes(t *testing.T, prepare, job func(l *Log), look func(step string, image string)) {
	t.Helper()
	o, on, n := small, false, 0
	var dir string
	type shot struct{ step, image string }
	var shots []shot
	o.door.before = func(op, path string) error {
		if on {
			n++
			shots = append(shots, shot{fmt.Sprintf("%d: before %s %s", n, op, filepath.Base(path)), image(t, dir)})
		}
		return nil
	}
	var l *Log
	dir, l = fresh(t, o, 30)
	prepare(l)
	on = true
	job(l)
	on = false
	shots = append(shots, shot{"at the end", image(t, dir)})
	require.Greater(t, len(shots), 2)
	for _, s := range shots {
		look(s.step, s.image)
	}
}

// starts opens an image, which must not be refused, and checks that it can go on.
func starts(t *testing.T, step, image string) (Recovered, *Log) {
	t.Helper()
	l, found, err := Open(image, small)
	require.NoError(t, err, step)
	holds(t, l, found.Summary.First, found.Summary.Last.Index)
	for _, i := range listed(t, l.Snapshots()) {
		reads(t, l.Snapshots(), i)
	}
	return found, l
}

// goesOn appends behind what was found, restarts and finds it.
func goesOn(t *testing.T, step, image string, l *Log) {
	t.Helper()
	last := l.Last().Index
	put(t, l, last+1, last+3)
	require.NoError(t, l.Close())
	l, _, err := Open(image, small)
	require.NoError(t, err, step)
	require.Equal(t, last+3, l.Last().Index, step)
	require.NoError(t, l.Close())
}

func TestZ11_ACrashInAppendLeavesALogThatStarts(t *testing.T) {
	crashes(t, func(*Log) {}, func(l *Log) {
		for i := uint64(31); i < 60; i += 5 {
			require.NoError(t, l.Append(recs(i, i+4)))
			require.NoError(t, l.Sync())
		}
	}, func(step, image string) {
		found, l := starts(t, step, image)
		require.GreaterOrEqual(t, found.Summary.Last.Index, uint64(30), step)
		goesOn(t, step, image, l)
	})
}

func TestZ1_ACrashInSaveHardLeavesTheOldOrTheNew(t *testing.T) {
	next := begun
	next.Boot = 2
	seen := map[uint64]bool{}
	crashes(t, func(*Log) {}, func(l *Log) {
		require.NoError(t, l.SaveHard(next))
	}, func(step, image string) {
		found, l := starts(t, step, image)
		require.Contains(t, []record.HardState{begun, next}, found.Hard, step)
		seen[found.Hard.Boot] = true
		require.NoError(t, l.Close())
	})
	require.True(t, seen[1] && seen[2])
}

func TestZ5_ACrashInTruncateLeavesALogThatStarts(t *testing.T) {
	seen := map[uint64]bool{}
	crashes(t, func(l *Log) { snap(t, l, 10); snap(t, l, 25) }, func(l *Log) {
		require.NoError(t, l.TruncateAfter(12))
	}, func(step, image string) {
		found, l := starts(t, step, image)
		last := found.Summary.Last.Index
		require.GreaterOrEqual(t, last, uint64(12), step)
		seen[last] = true
		goesOn(t, step, image, l)
	})
	require.True(t, seen[12] && seen[30])
}

func TestZ11_ACrashInACutToNothingLeavesALogThatStarts(t *testing.T) {
	seen := map[uint64]bool{}
	crashes(t, func(*Log) {}, func(l *Log) {
		require.NoError(t, l.TruncateAfter(0))
		put(t, l, 1, 2)
	}, func(step, image string) {
		found, l := starts(t, step, image)
		seen[found.Summary.Last.Index] = true
		goesOn(t, step, image, l)
		// Filled again, and then lost.
		require.NoError(t, os.Truncate(filepath.Join(image, "log-1", segmentName(1)), 0))
		_, _, err := Open(image, small)
		require.Error(t, err, step)
	})
	require.True(t, seen[0] && seen[2] && seen[30])
}

func TestZ7_ACrashInInstallLeavesTheOldHistoryOrTheNew(t *testing.T) {
	for _, at := range []uint64{20, 80} {
		seen := map[uint64]bool{}
		crashes(t, func(l *Log) { snap(t, l, 10); snap(t, l, 25); receive(t, l, at) }, func(l *Log) {
			require.NoError(t, l.Install(mark(at)))
		}, func(step, image string) {
			found, l := starts(t, step, image)
			switch found.Summary.Last.Index {
			case 30:
				require.Equal(t, uint64(1), found.Summary.First, step)
				require.Equal(t, mark(25), found.Summary.Snapshot, step)
				require.Equal(t, []uint64{25, 10}, listed(t, l.Snapshots()), step)
			default:
				require.Equal(t, mark(at), found.Summary.Snapshot, step)
				require.Equal(t, mark(at), found.Summary.Last, step)
				require.Equal(t, []uint64{at}, listed(t, l.Snapshots()), step)
			}
			seen[found.Summary.Last.Index] = true
			goesOn(t, step, image, l)
			junk, err := filepath.Glob(filepath.Join(image, "snapshots", "*.received"))
			require.NoError(t, err)
			require.Empty(t, junk, step)
			logs, err := filepath.Glob(filepath.Join(image, "log-*"))
			require.NoError(t, err)
			require.Len(t, logs, 1, step)
		})
		require.True(t, seen[30] && seen[at])
	}
}

func TestZ12_ACrashInCompactLeavesALogThatStarts(t *testing.T) {
	crashes(t, func(l *Log) {
		snap(t, l, 20)
		require.NoError(t, l.Snapshots().Verify(mark(20)))
	}, func(l *Log) {
		require.NoError(t, l.Compact(30))
	}, func(step, image string) {
		found, l := starts(t, step, image)
		require.Equal(t, mark(30), found.Summary.Last, step)
		goesOn(t, step, image, l)
	})
}

// A power failure may keep a later unlink and lose an earlier one.
func TestZ12_UnlinksOfACompactionInAnyOrderLeaveALogThatStarts(t *testing.T) {
	dir, l := fresh(t, small, 40)
	snap(t, l, 30)
	segments := l.segments
	require.NoError(t, l.Close())
	n := 0
	for n+1 < len(segments) && segments[n+1] <= 31 {
		n++
	}
	require.Greater(t, n, 2)
	for subset := range 1 << n {
		to := image(t, dir)
		for i := range n {
			if subset&(1<<i) != 0 {
				require.NoError(t, os.Remove(filepath.Join(to, "log-1", segmentName(segments[i]))))
			}
		}
		found, l := starts(t, fmt.Sprintf("%b", subset), to)
		require.Equal(t, mark(40), found.Summary.Last)
		require.NoError(t, l.Close())
	}
}

func TestZ11_ACrashInTheFirstStartLeavesADirectoryThatStarts(t *testing.T) {
	root := t.TempDir()
	var images []string
	o := small
	o.door.before = func(op, path string) error {
		images = append(images, image(t, root))
		return nil
	}
	l, _, err := Open(filepath.Join(root, "data"), o)
	require.NoError(t, err)
	require.NoError(t, l.SaveHard(record.HardState{Incarnation: 1, Boot: 1}))
	require.NoError(t, l.Append(recs(1, 1)))
	require.NoError(t, l.Sync())
	require.NoError(t, l.SaveHard(begun))
	require.NoError(t, l.Close())
	images = append(images, image(t, root))
	for i, at := range images {
		l, found, err := Open(filepath.Join(at, "data"), small)
		require.NoError(t, err, "image %d", i)
		require.NoError(t, l.SaveHard(begun))
		put(t, l, found.Summary.Last.Index+1, 5)
		holds(t, l, 1, 5)
		require.NoError(t, l.Close())
	}
}

func TestZ12_ASnapshotThatACrashInterruptedIsNotThere(t *testing.T) {
	crashes(t, func(l *Log) { snap(t, l, 10) }, func(l *Log) {
		snap(t, l, 20)
		snap(t, l, 30)
		require.NoError(t, l.Snapshots().Prune(2))
	}, func(step, image string) {
		found, l := starts(t, step, image)
		require.Contains(t, []uint64{10, 20, 30}, found.Summary.Snapshot.Index)
		require.NoError(t, l.Close())
		junk, err := filepath.Glob(filepath.Join(image, "snapshots", "*.tmp"))
		require.NoError(t, err)
		require.Empty(t, junk, step)
	})
}
