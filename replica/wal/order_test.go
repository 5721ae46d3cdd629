package wal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Images of a directory do not show what is only in the kernel's memory: that every step is
// synced before the next relies on it is checked on the order of the operations themselves.
func TestZ1_EachStepIsSyncedBeforeTheNext(t *testing.T) {
	var ops []string
	o := small
	o.door.before = func(op, path string) error {
		name := filepath.Base(path)
		if strings.HasPrefix(name, "0000") {
			name = strings.TrimLeft(name, "0")
		}
		ops = append(ops, op+" "+name)
		return nil
	}
	_, l := fresh(t, o, 7)
	done := func(want ...string) {
		t.Helper()
		require.Equal(t, want, ops)
		ops = nil
	}
	ops = nil
	require.NoError(t, l.SaveHard(begun))
	done("write hard", "sync hard", "write hard")

	require.NoError(t, l.Append(recs(8, 8))) // fills the segment
	require.NoError(t, l.Sync())
	done("append log-1", "trim 1", "syncdir log-1", "room 9", "sync log-1")
	require.NoError(t, l.Sync())
	done()
	require.NoError(t, l.Append(recs(9, 20)))
	require.NoError(t, l.Sync())
	done("append log-1", "trim 9", "syncdir log-1", "append log-1", "room 17", "sync log-1")

	require.NoError(t, l.TruncateAfter(3))
	done("syncdir snapshots", "trim 17", "remove 17", "syncdir log-1", "remove 9", "syncdir log-1",
		"truncate 1", "sync 1", "syncdir log-1", "open log-1")

	receive(t, l, 9)
	ops = nil
	require.NoError(t, l.Install(mark(9)))
	done("removetree log-2", "mkdir log-2", "create 10", "syncdir log-2", "syncdir data",
		"create CURRENT.tmp", "rename CURRENT", "syncdir data",
		"rename 9-0000000100000009.snap", "syncdir snapshots",
		"create CURRENT.tmp", "rename CURRENT", "syncdir data",
		"removetree log-1", "open log-2")
}

// What a power failure may have left in the kernel's memory only is synced before Open reports
// it as the tail.
func TestZ2_OpenSyncsWhatItReports(t *testing.T) {
	dir, _ := closed(t, 5)
	var ops []string
	o := small
	o.door.before = func(op, path string) error {
		ops = append(ops, op+" "+filepath.Base(path))
		return nil
	}
	open(t, dir, o)
	require.Contains(t, ops, "sync "+segmentName(1))
	require.Equal(t, []string{"syncdir log-1", "open log-1"}, ops[len(ops)-2:])
}

// A new directory's own name is durable before anything in it is.
func TestZ11_ANewDirectoryIsSyncedInItsParent(t *testing.T) {
	var ops []string
	o := small
	o.door.before = func(op, path string) error {
		ops = append(ops, op+" "+filepath.Base(path))
		return nil
	}
	parent := filepath.Join(t.TempDir(), "parent")
	require.NoError(t, os.Mkdir(parent, 0o700))
	open(t, filepath.Join(parent, "data"), o)
	require.Equal(t, []string{"mkdir data", "syncdir parent"}, ops[:2])
}
