//go:build !linux

package wal

import (
	"errors"
	"os"
)

// reserve does nothing here: a Reserve stays empty.
func reserve(*os.File, int) error { return errors.ErrUnsupported }

func syncData(f *os.File) error { return f.Sync() }
