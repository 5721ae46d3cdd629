package wal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/leasehold/leasehold/replica/record"
)

// limited runs job while no file may grow beyond most bytes: the kernel writes what fits, and refuses
// the rest. Nothing else may run meanwhile: the limit is the process's.
func limited(t *testing.T, most int, job func() error) error {
	t.Helper()
	signal.Ignore(unix.SIGXFSZ)
	defer signal.Reset(unix.SIGXFSZ)
	var was unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &was))
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(most), Max: was.Max}))
	err := job()
	require.NoError(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &was))
	return err
}

// alone reports whether this is a process of its own for one test, which is run in one otherwise: the
// go command's log of what a test opens is a file too. What it writes lies in memory: syncs are free there.
func alone(t *testing.T) bool {
	t.Helper()
	const mark = "LEASEHOLD_TEST_ALONE"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	c := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.timeout", "5m")
	c.Env = append(os.Environ(), mark+"="+t.Name())
	if _, err := os.Stat("/dev/shm"); err == nil {
		c.Env = append(c.Env, "TMPDIR=/dev/shm")
	}
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "PASS")
	return false
}

// Each operation, on a disk that takes no more than so many bytes of a file, for each number of bytes: it
// is refused, for good, and the next start finds what was acked before, with the operation or without it.
func TestZ9_AShortWriteAtAnyByteIsFinalAndLosesNothing(t *testing.T) {
	if !alone(t) {
		return
	}
	next := begun
	next.Boot, next.Seen = 2, []record.Seen{{ID: 1, Incarnation: 5, Boot: 9}}
	sent := raw(t, 40)
	type job = func(l *Log) error
	more := func(to uint64) job {
		return func(l *Log) error { return errors.Join(l.Append(recs(13, to)), l.Sync()) }
	}
	arrived := func(l *Log) { require.NoError(t, l.Snapshots().Receive(mark(40), bytes.NewReader(sent))) }
	for name, x := range map[string]struct {
		prepare func(l *Log)
		job     job
		after   uint64 // where the log ends after it; before it that is at 12
	}{
		"append":         {nil, more(13), 13},
		"append of many": {nil, more(22), 22},
		"hard state":     {nil, func(l *Log) error { return l.SaveHard(next) }, 12},
		"cut to nothing": {nil, func(l *Log) error { return l.TruncateAfter(0) }, 0},
		"snapshot":       {nil, func(l *Log) error { return l.Snapshots().Create(mark(11), writer(11)) }, 12},
		"install":        {arrived, func(l *Log) error { return l.Install(mark(40)) }, 40},
	} {
		whole, l := fresh(t, small, 12)
		snap(t, l, 5)
		require.NoError(t, l.Close())
		failed := 0
		for most := 0; ; most++ {
			dir := image(t, whole)
			l, _ := open(t, dir, small)
			if x.prepare != nil {
				x.prepare(l)
			}
			err := limited(t, most, func() error { return x.job(l) })
			if err != nil {
				failed++
				require.ErrorIs(t, err, unix.EFBIG, "%s, %d bytes", name, most)
				if name != "snapshot" { // that one is no part of the log: who asked for it ends the replica
					staysBroken(t, l, unix.EFBIG)
				}
			}
			require.NoError(t, l.Close())
			again, found := open(t, dir, small)
			end := found.Summary.Last.Index
			require.GreaterOrEqual(t, end, min(12, x.after), "%s, %d bytes", name, most)
			require.LessOrEqual(t, end, max(12, x.after), "%s, %d bytes", name, most)
			require.Contains(t, []record.HardState{begun, next}, found.Hard)
			holds(t, again, found.Summary.First, end)
			for _, at := range listed(t, again.Snapshots()) {
				reads(t, again.Snapshots(), at)
			}
			require.NoError(t, again.Close())
			if err == nil {
				require.Equal(t, x.after, end, name)
				break
			}
		}
		require.Greater(t, failed, 5, name)
	}
}

// A received snapshot and a birth record of which the disk takes a part are not there at all.
func TestZ7_AShortWriteOfAReceivedSnapshotLeavesNothing(t *testing.T) {
	if !alone(t) {
		return
	}
	_, l := fresh(t, small, 12)
	sent := raw(t, 25)
	for most := range len(sent) + record.SnapshotHeaderBytes {
		err := limited(t, most, func() error { return l.Snapshots().Receive(mark(25), bytes.NewReader(sent)) })
		if err == nil {
			require.Greater(t, most, len(sent)/2)
			break
		}
		require.ErrorIs(t, err, unix.EFBIG)
		require.Error(t, l.Snapshots().ready(mark(25)))
		left, err := filepath.Glob(filepath.Join(l.dir, "snapshots", "*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
	require.NoError(t, l.Snapshots().ready(mark(25)))
}

func TestZ11_AShortWriteOfTheBirthRecordLeavesNone(t *testing.T) {
	if !alone(t) {
		return
	}
	b := record.Birth{Cell: home, Name: "local", Replica: 1}
	for most := range len(record.EncodeBirth(b)) {
		dir := filepath.Join(t.TempDir(), "data")
		require.ErrorIs(t, limited(t, most, func() error { return WriteBirth(dir, b) }), unix.EFBIG)
		_, ok, err := ReadBirth(dir)
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, WriteBirth(dir, b), "what is left is in nobody's way")
		_, err = os.Lstat(filepath.Join(dir, "birth"+tmp))
		require.ErrorIs(t, err, os.ErrNotExist)
	}
}
