package wal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"

	"github.com/leasehold/leasehold/replica/record"
)

// readCurrent finds the log directory that counts, makes the first one, or ends an Install
// that had switched already.
func (l *Log) readCurrent(begun bool) error {
	data, ok, err := readSmall(l.path("CURRENT"))
	if err != nil {
		return err
	}
	if !ok {
		if err := l.virgin(begun); err != nil {
			return err
		}
		return l.begin(record.Current{Log: 1})
	}
	if l.current, err = record.DecodeCurrent(data); err != nil {
		return err
	}
	if l.current.Installing {
		err = l.finishInstall()
	} else {
		err = l.removeOtherLogs()
	}
	if err != nil {
		return err
	}
	return l.snaps.removeReceived()
}

// virgin checks that a directory without CURRENT never had a history.
func (l *Log) virgin(begun bool) error {
	if begun {
		return record.Lost("the hard state says that history has begun here, but there is no log")
	}
	marks, err := l.snaps.list()
	if err != nil {
		return err
	}
	if len(marks) > 0 {
		return record.Lost("there is a snapshot %v here, but CURRENT is missing", marks[0])
	}
	segments, err := filepath.Glob(l.path("log-*/*"))
	if err != nil {
		return err
	}
	for _, path := range segments {
		if info, err := os.Stat(path); err != nil || info.Size() > 0 {
			return errors.Join(record.Lost("there is a log in %s, but CURRENT is missing", filepath.Dir(path)), err)
		}
	}
	return nil
}

// begin makes an empty log directory behind c.Base and switches to it.
func (l *Log) begin(c record.Current) error {
	salt, err := randomSalt()
	if err != nil {
		return err
	}
	c.Salt = salt
	d, dir := l.o.door, l.path(logName(c.Log))
	if err := d.removeTree(dir); err != nil {
		return err
	}
	if err := d.mkdir(dir); err != nil {
		return err
	}
	if err := d.create(filepath.Join(dir, segmentName(c.Base.Index+1)), nil); err != nil {
		return err
	}
	if err := errors.Join(d.syncDir(dir), d.syncDir(l.dir)); err != nil {
		return err
	}
	if err := d.replace(l.path("CURRENT"), record.EncodeCurrent(c)); err != nil {
		return err
	}
	l.current = c
	return nil
}

func randomSalt() (uint32, error) {
	var b [4]byte
	_, err := rand.Read(b[:])
	return binary.LittleEndian.Uint32(b[:]), err
}

func (l *Log) removeOtherLogs() error {
	dirs, err := filepath.Glob(l.path("log-*"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if filepath.Base(dir) == logName(l.current.Log) {
			continue
		}
		if err := l.o.door.removeTree(dir); err != nil {
			return err
		}
	}
	return nil
}
