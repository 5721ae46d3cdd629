package wal

import (
	"bytes"
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
	whole, all := strains(t)
	for _, x := range all {
		failed := 0
		for most := 0; ; most++ {
			s := strain{errno: unix.EFBIG, under: func(job func() error) error { return limited(t, most, job) }}
			if x.refused(t, image(t, whole), s, small) == nil {
				break
			}
			failed++
		}
		require.Greater(t, failed, 5, x.name)
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
