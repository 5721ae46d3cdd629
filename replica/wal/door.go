package wal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// door is every operation that changes the disk, one method each, so that a test can stop,
// or fail, between any two of them. before is nil outside of tests.
type door struct {
	before func(op, path string) error
}

func (d door) step(op, path string) error {
	if d.before == nil {
		return nil
	}
	return d.before(op, path)
}

func (d door) mkdir(path string) error {
	if err := d.step("mkdir", path); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// syncDir makes what was created, renamed or removed in the directory durable.
func (d door) syncDir(path string) error {
	if err := d.step("syncdir", path); err != nil {
		return err
	}
	return syncDir(path)
}

func (d door) syncFile(path string) error {
	if err := d.step("sync", path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d door) rename(from, to string) error {
	if err := d.step("rename", to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (d door) remove(path string) error {
	if err := d.step("remove", path); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (d door) removeTree(path string) error {
	if err := d.step("removetree", path); err != nil {
		return err
	}
	return os.RemoveAll(path)
}

// shorten cuts a file and syncs it.
func (d door) shorten(path string, size int64) error {
	if err := d.step("truncate", path); err != nil {
		return err
	}
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	return d.syncFile(path)
}

// create writes a new file and syncs it; its directory is not synced.
func (d door) create(path string, data []byte) error {
	if err := d.step("create", path); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// replace gives path these contents in one step: beside it, synced, renamed, directory synced.
func (d door) replace(path string, data []byte) error {
	if err := d.create(path+tmp, data); err != nil {
		return err
	}
	if err := d.rename(path+tmp, path); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(path))
}

const tmp = ".tmp"

// sweep removes what was being written when the last process ended.
func (d door) sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), tmp) {
			if err := d.remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// readSmall reads a file whole; ok is false when there is none.
func readSmall(path string) (data []byte, ok bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	data, err = io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err == nil && len(data) > maxSmallFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxSmallFile)
	}
	return data, err == nil, err
}
