package wal

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reserve makes a file size bytes long, with blocks that are its own: room for a Reserve, not for the log (room).
func reserve(f *os.File, size int) error {
	return again(func() error { return unix.Fallocate(int(f.Fd()), 0, 0, int64(size)) })
}

// syncData makes a file's data durable, and of its metadata what is needed to read them.
func syncData(f *os.File) error {
	if err := again(func() error { return unix.Fdatasync(int(f.Fd())) }); err != nil {
		return &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return nil
}

func again(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
