package wal

import (
	"os"

	"golang.org/x/sys/unix"
)

// cold asks the kernel to forget its copy of a synced file, so that reading it back reads the
// disk. It is a hint.
func cold(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
