package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// room is how much of the log is laid out on the disk ahead of the writes, so that a sync has
// no sizes to write: the cheapest way there is to append durably.
const room = 64 << 20

// diskLog is an append-only file. It has one owner.
type diskLog struct {
	file     *os.File
	end, had int64
}

func openLog(path string) (*diskLog, error) {
	f, err := os.Create(path)
	return &diskLog{file: f}, err
}

// append writes b and returns when it is on the disk.
func (l *diskLog) append(b []byte) error {
	if l.end+int64(len(b)) > l.had {
		more := max(room, int64(len(b)))
		if err := unix.Fallocate(int(l.file.Fd()), 0, l.had, more); err != nil {
			return err
		}
		l.had += more
		if err := l.file.Sync(); err != nil {
			return err
		}
	}
	if _, err := l.file.WriteAt(b, l.end); err != nil {
		return err
	}
	l.end += int64(len(b))
	return unix.Fdatasync(int(l.file.Fd()))
}
