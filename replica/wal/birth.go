package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// WriteBirth makes the directory (its parent must exist) and the birth record in it, synced.
// A record that is already there is left alone: errors.Is(err, fs.ErrExist).
func WriteBirth(dir string, b record.Birth) error { return writeBirth(door{}, dir, b) }

func writeBirth(d door, dir string, b record.Birth) error {
	if len(b.Name) > record.MaxCellName {
		return &cell.LimitError{Limit: "cell name", Most: record.MaxCellName, Got: len(b.Name)}
	}
	if err := d.mkdir(dir); err != nil {
		return err
	}
	path := filepath.Join(dir, "birth")
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.replace(path, record.EncodeBirth(b)); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(filepath.Clean(dir)))
}

// ReadBirth gives the birth record; false when there is none. What cannot be read is an error
// that wraps a *record.Refusal.
func ReadBirth(dir string) (record.Birth, bool, error) {
	path := filepath.Join(dir, "birth")
	data, ok, err := readSmall(path)
	if !ok || err != nil {
		return record.Birth{}, false, err
	}
	b, err := record.DecodeBirth(data)
	if err != nil {
		return record.Birth{}, false, fmt.Errorf("%s: %w", path, err)
	}
	return b, true, nil
}
