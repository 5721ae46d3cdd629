package wal

import (
	"errors"
	"fmt"
	"io"
	"os"

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
	return s.publish(path, s.path(m, suffixReceived))
}

// OpenReceived gives the contents of a snapshot that Receive took in, verified as it is read.
func (s *Snapshots) OpenReceived(m record.Mark) (io.ReadCloser, error) {
	return s.openAt(s.path(m, suffixReceived), m)
}
