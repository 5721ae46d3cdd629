package wal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// OpenRaw gives a snapshot's file as it is, and its length, to be sent to a peer. The file can
// be read to its end even if it is pruned meanwhile.
func (s *Snapshots) OpenRaw(m record.Mark) (io.ReadCloser, int64, error) {
	f, err := os.Open(s.path(m, suffixSnap))
	if err != nil {
		return nil, 0, err
	}
	_, size, err := s.ends(f, m)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("snapshot %v: %w", m, err), f.Close())
	}
	return f, size, nil
}

// Receive takes the file of the snapshot at m from a peer, to its end. When it returns nil the
// file is whole, verified and synced, and waits for Log.Install; until then it is no part of the
// history, and the next start of the process removes it. Damage on the way wraps
// record.ErrDamaged; another cell's or another point's file is refused.
func (s *Snapshots) Receive(m record.Mark, r io.Reader) error {
	path, err := s.beside(m, func(f *os.File) error {
		n, err := io.Copy(f, io.LimitReader(r, MaxSnapshotBytes+1))
		if err == nil && n > MaxSnapshotBytes {
			err = &cell.LimitError{Limit: "snapshot", Most: MaxSnapshotBytes, Got: int(n)}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("receiving snapshot %v: %w", m, err)
	}
	if err := s.verifyFile(path, m); err != nil {
		return errors.Join(fmt.Errorf("received snapshot %v: %w", m, err), os.Remove(path))
	}
	if err := s.publish(path, s.path(m, suffixReceived)); err != nil {
		return err
	}
	return s.forgetOlder(m)
}

// forgetOlder removes what was received before the last two: an Install of the one before may
// still be waiting for its turn while the next attempt is already here.
func (s *Snapshots) forgetOlder(m record.Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = slices.DeleteFunc(s.received, func(x record.Mark) bool { return x == m })
	s.received = append(s.received, m)
	for len(s.received) > keepReceived {
		if err := s.door.remove(s.path(s.received[0], suffixReceived)); err != nil {
			return err
		}
		s.received = s.received[1:]
	}
	return nil
}

// OpenReceived gives the contents of a snapshot that Receive took in, verified as it is read.
func (s *Snapshots) OpenReceived(m record.Mark) (io.ReadCloser, error) {
	return s.openAt(s.path(m, suffixReceived), m)
}
