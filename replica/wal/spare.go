package wal

import (
	"errors"
	"os"
	"path/filepath"
)

// Reserve is a file that takes room on the disk which others could fill up (B3). When that is nearly all there is, the
// file is given up, and what must go on has it; it is made again when there is plenty. Not for concurrent use.
type Reserve struct {
	path  string
	bytes int64
}

// NewReserve is a reserve of so many bytes in a data directory; of 0 bytes it does nothing.
func NewReserve(dir string, bytes int64) *Reserve {
	return &Reserve{path: filepath.Join(dir, "reserve"), bytes: bytes}
}

// plenty is how many times its size must be free for a reserve to be made.
const plenty = 4

// Tend makes the reserve, or gives it up, by how much is free beside it. An error says what could not be done; the
// directory is as good without.
func (r *Reserve) Tend(free uint64) error {
	_, err := os.Lstat(r.path)
	there := err == nil
	switch {
	case r.bytes == 0:
	case there && free < uint64(r.bytes):
		return os.Remove(r.path)
	case !there && free >= plenty*uint64(r.bytes):
		return r.make()
	}
	return nil
}

func (r *Reserve) make() error {
	f, err := os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = reserve(f, int(r.bytes))
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil // no such thing here: the file stays empty
	}
	return errors.Join(err, f.Close())
}
