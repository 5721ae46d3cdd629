package wal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// ErrInUse says that another process holds the data directory.
var ErrInUse = cell.ErrInUse

// lockDir takes DIR/LOCK, which the process's end releases.
func lockDir(dir string) (*os.File, error) {
	path := filepath.Join(dir, "LOCK")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	taken, err := lockFile(f)
	if err == nil && taken {
		err = fmt.Errorf("%w: %s is locked by %s", ErrInUse, dir, holder(path))
	}
	if err == nil {
		err = errors.Join(f.Truncate(0), writeHolder(f))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func writeHolder(f *os.File) error {
	_, err := f.WriteAt(fmt.Appendf(nil, "process %d\n", os.Getpid()), 0)
	return err
}

func holder(path string) string {
	who, _, _ := readSmall(path)
	if len(who) == 0 || len(who) > 64 {
		return "another process"
	}
	return strings.TrimSpace(string(who))
}
