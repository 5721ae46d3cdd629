package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/leasehold/leasehold/replica/record"
)

// removeAbove removes the snapshots that a TRUNC to index leaves without a history.
func (s *Snapshots) removeAbove(index uint64) error {
	return s.change(func(m record.Mark) bool { return m.Index <= index })
}

// change begins a new era in which only some snapshots stay.
func (s *Snapshots) change(stays func(record.Mark) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.era++
	marks, err := s.list()
	if err != nil {
		return err
	}
	for _, m := range marks {
		if stays(m) {
			continue
		}
		delete(s.verified, m)
		if err := s.door.remove(s.path(m, suffixSnap)); err != nil {
			return err
		}
	}
	return s.door.syncDir(s.dir)
}

// ready checks that a received snapshot waits to be installed.
func (s *Snapshots) ready(m record.Mark) error {
	if _, err := os.Stat(s.path(m, suffixReceived)); err != nil {
		return fmt.Errorf("no snapshot %v has been received: %w", m, err)
	}
	return nil
}

// adopt makes a received snapshot the only one. It may be called again after a crash.
func (s *Snapshots) adopt(m record.Mark) error {
	from, to := s.path(m, suffixReceived), s.path(m, suffixSnap)
	switch err := s.door.rename(from, to); {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(to); err != nil {
			return record.Lost("the snapshot %v that was being installed is missing", m)
		}
	case err != nil:
		return err
	}
	if err := s.change(func(x record.Mark) bool { return x == m }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified[m] = true // before it got the name that it was received under
	return nil
}

// removeReceived removes what was received and never installed; only at a start, when no Install
// can be waiting for it.
func (s *Snapshots) removeReceived() error { return s.removeAll(suffixReceived) }

func (s *Snapshots) removeAll(suffix string) error {
	marks, err := s.named(suffix)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if err := s.door.remove(s.path(m, suffix)); err != nil {
			return err
		}
	}
	return nil
}
