package wal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/leasehold/leasehold/replica/record"
)

// strained is an operation on a log that ends at 12, and where the log ends after it.
type strained struct {
	name         string
	prepare, job func(l *Log) error
	after        uint64
}

// strain is how a kernel comes to refuse a job, and with what.
type strain struct {
	errno  error
	under  func(job func() error) error // runs it while the disk is short of something
	relief func()                       // makes the disk a good one, once the log is closed; nil: it is one
}

func hardAfter() record.HardState {
	next := begun
	next.Boot, next.Seen = 2, []record.Seen{{ID: 1, Incarnation: 5, Boot: 9}}
	return next
}

// strains is a directory with a log, and each operation on it.
func strains(t *testing.T) (whole string, all []strained) {
	sent := raw(t, 40)
	more := func(to uint64) func(*Log) error {
		return func(l *Log) error { return errors.Join(l.Append(recs(13, to)), l.Sync()) }
	}
	arrived := func(l *Log) error { return l.Snapshots().Receive(mark(40), bytes.NewReader(sent)) }
	whole, l := fresh(t, small, 12)
	snap(t, l, 5)
	require.NoError(t, l.Close())
	return whole, []strained{
		{"append", nil, more(13), 13},
		{"append of many", nil, more(60), 60},
		{"hard state", nil, func(l *Log) error { return l.SaveHard(hardAfter()) }, 12},
		{"cut to nothing", nil, func(l *Log) error { return l.TruncateAfter(0) }, 0},
		{"snapshot", nil, func(l *Log) error { return l.Snapshots().Create(mark(11), writer(11)) }, 12},
		{"install", arrived, func(l *Log) error { return l.Install(mark(40)) }, 40},
	}
}

// refused runs the operation in dir under the strain: it is refused, for good, and the next start finds
// what was acked before, with the operation or without it. The error is the operation's own.
func (x strained) refused(t *testing.T, dir string, s strain, o Options) error {
	t.Helper()
	l, _ := open(t, dir, o)
	if x.prepare != nil {
		require.NoError(t, x.prepare(l))
	}
	err := s.under(func() error { return x.job(l) })
	if err == nil {
		require.NoError(t, l.Close(), x.name)
	} else {
		require.ErrorIs(t, err, s.errno, x.name)
		if x.name != "snapshot" { // that one is no part of the log: who asked for it ends the replica
			staysBroken(t, l, s.errno)
		}
		_ = l.Close()
		l.w = nil // see unmount
	}
	if s.relief != nil {
		if early, _, err := Open(dir, small); err == nil {
			_ = early.Close()
		} else {
			require.ErrorIs(t, err, s.errno, "%s: a start before the disk is good again", x.name)
		}
		s.relief()
	}
	again, found := open(t, dir, small)
	end := found.Summary.Last.Index
	require.GreaterOrEqual(t, end, min(12, x.after), x.name)
	require.LessOrEqual(t, end, max(12, x.after), x.name)
	require.Contains(t, []record.HardState{begun, hardAfter()}, found.Hard)
	holds(t, again, found.Summary.First, end)
	for _, at := range listed(t, again.Snapshots()) {
		reads(t, again.Snapshots(), at)
	}
	if err == nil {
		require.Equal(t, x.after, end, x.name)
	}
	goesOn(t, x.name, dir, again)
	return err
}

// mounts skips where file systems cannot be made; where CI is set that is a failure.
func mounts(t *testing.T, command string) (at string) {
	t.Helper()
	why := ""
	if _, err := exec.LookPath(command); err != nil {
		why = command + " is not installed: apt-get install e2fsprogs mount"
	}
	if os.Getuid() != 0 {
		why = "mounts a file system of its own, which needs root: sudo go test runs this"
	}
	if why != "" {
		require.Empty(t, os.Getenv("CI"), why)
		t.Skip(why)
	}
	at = filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.Mkdir(at, 0o700))
	return at
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %v: %s", name, args, out)
}

// TestZ9_B3_AFullFileSystemIsFinalAndLosesNothing: each operation on a file system with so many pages
// left, for each number of them.
func TestZ9_B3_AFullFileSystemIsFinalAndLosesNothing(t *testing.T) {
	disk := mounts(t, "mount")
	run(t, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk)
	t.Cleanup(func() { run(t, "umount", disk) })
	whole, all := strains(t)
	ballast := filepath.Join(disk, "ballast")
	for _, x := range all {
		failed := 0
		for pages := 0; ; pages++ {
			dir := filepath.Join(disk, "data")
			require.NoError(t, os.CopyFS(dir, os.DirFS(whole)))
			s := strain{errno: unix.ENOSPC, relief: func() { require.NoError(t, os.Remove(ballast)) }}
			s.under = func(job func() error) error {
				fill(t, disk, ballast, pages)
				return job()
			}
			err := x.refused(t, dir, s, small)
			require.NoError(t, os.RemoveAll(dir))
			if err == nil {
				break
			}
			failed++
		}
		if x.name != "append" && x.name != "hard state" { // both have their room before they need it
			require.Positive(t, failed, x.name)
		}
		t.Logf("%s: refused with %d different numbers of pages left", x.name, failed)
	}
}

// fill leaves so many pages of the file system.
func fill(t *testing.T, disk, ballast string, pages int) {
	t.Helper()
	var fs unix.Statfs_t
	require.NoError(t, unix.Statfs(disk, &fs))
	size := (int64(fs.Bavail) - int64(pages)) * fs.Bsize
	require.Positive(t, size)
	f, err := os.Create(ballast)
	require.NoError(t, err)
	require.NoError(t, unix.Fallocate(int(f.Fd()), 0, 0, size))
	require.NoError(t, f.Close())
}

// TestZ9_AFileSystemThatFailsBeforeAnyCallIsFinalAndLosesNothing: ext4 is shut down before each single
// operation on the disk, as it does itself when its device fails. From then on each call gets EIO, and
// what was not synced is lost.
func TestZ9_AFileSystemThatFailsBeforeAnyCallIsFinalAndLosesNothing(t *testing.T) {
	disk := mounts(t, "mkfs.ext4")
	device := filepath.Join(t.TempDir(), "device")
	require.NoError(t, os.WriteFile(device, nil, 0o600))
	require.NoError(t, os.Truncate(device, 16<<20))
	run(t, "mkfs.ext4", "-q", device)
	run(t, "mount", "-o", "loop", device, disk)
	t.Cleanup(func() { unmount(t, disk) })
	whole, all := strains(t)
	for _, x := range all {
		failed := 0
		for steps := 1; ; steps++ {
			dir := filepath.Join(disk, "data")
			require.NoError(t, os.CopyFS(dir, os.DirFS(whole)))
			run(t, "sync", "-f", disk)
			o, left := small, 0
			o.door.before = func(string, string) error {
				if left--; left == 0 {
					return shutDown(disk)
				}
				return nil
			}
			s := strain{errno: unix.EIO}
			through := false
			s.under = func(job func() error) error {
				left = steps
				err := job()
				through, left = left > 0, 0
				return err
			}
			s.relief = func() {
				unmount(t, disk)
				// a copy: a process with mounts of its own may hold on to what was shut down
				run(t, "cp", "--sparse=always", device, device+"-next")
				require.NoError(t, os.Rename(device+"-next", device))
				run(t, "mount", "-o", "loop", device, disk)
			}
			err := x.refused(t, dir, s, o)
			require.NoError(t, os.RemoveAll(dir))
			if through {
				require.NoError(t, err)
				break
			}
			failed++
		}
		t.Logf("%s: %d steps", x.name, failed)
		require.Positive(t, failed, x.name)
	}
}

// unmount waits for the collector: the library leaves its file open when its last sync fails.
func unmount(t *testing.T, disk string) {
	t.Helper()
	require.Eventually(t, func() bool {
		runtime.GC()
		return unix.Unmount(disk, 0) == nil
	}, 10*time.Second, time.Millisecond)
}

// shutDown makes a file system fail each call from now on, and forget what was not synced.
func shutDown(disk string) error {
	const shutdown, noFlush = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN
	fd, err := unix.Open(disk, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(unix.IoctlSetPointerInt(fd, shutdown, noFlush), unix.Close(fd))
}
