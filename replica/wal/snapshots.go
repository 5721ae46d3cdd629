package wal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// ErrSuperseded says that the log was truncated or replaced while a snapshot was being made:
// the snapshot is of a history that is no more.
var ErrSuperseded = cell.ErrSuperseded

const (
	suffixSnap     = ".snap"
	suffixReceived = ".received"
	suffixDamaged  = ".damaged"
)

// Snapshots are the snapshot files of a data directory. Its methods may be called from any
// goroutine. An error of one leaves the others usable: what failed is not there.
type Snapshots struct {
	dir  string
	door door

	mu       sync.Mutex
	cell     cell.CellID          // zero: not known yet
	era      uint64               // of the history; one more when TRUNC or Install changed it
	verified map[record.Mark]bool // read back whole since Open
	received []record.Mark        // since Open, the newest last
}

func newSnapshots(dir string, o Options) *Snapshots {
	return &Snapshots{
		dir: filepath.Join(dir, "snapshots"), cell: o.Cell, door: o.door,
		verified: map[record.Mark]bool{},
	}
}

// SetCell says whose snapshots these are, to a directory that had no birth record.
func (s *Snapshots) SetCell(id cell.CellID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cell = id
}

// Cell is whose snapshots these are; zero while it is not known.
func (s *Snapshots) Cell() cell.CellID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cell
}

func (s *Snapshots) path(m record.Mark, suffix string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%020d-%016x%s", m.Index, uint64(m.Zxid), suffix))
}

func parseSnapshotName(name, suffix string) (record.Mark, bool) {
	stem, ok := strings.CutSuffix(name, suffix)
	if !ok || len(stem) != 20+1+16 || stem[20] != '-' {
		return record.Mark{}, false
	}
	index, err1 := strconv.ParseUint(stem[:20], 10, 64)
	zxid, err2 := strconv.ParseUint(stem[21:], 16, 64)
	return record.Mark{Index: index, Zxid: cell.Zxid(zxid)}, err1 == nil && err2 == nil && index > 0
}

// List gives the snapshots of this history, the newest first. They are whole unless the disk
// has lost something since.
func (s *Snapshots) List() ([]record.Mark, error) { return s.list() }

func (s *Snapshots) list() ([]record.Mark, error) { return s.named(suffixSnap) }

func (s *Snapshots) named(suffix string) ([]record.Mark, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, err
	}
	var marks []record.Mark
	for _, e := range entries {
		if m, ok := parseSnapshotName(e.Name(), suffix); ok {
			marks = append(marks, m)
		}
	}
	slices.Reverse(marks) // names sort by index
	return marks, nil
}

func (s *Snapshots) setAside(m record.Mark) error {
	if err := s.door.rename(s.path(m, suffixSnap), s.path(m, suffixDamaged)); err != nil {
		return err
	}
	return s.door.syncDir(s.dir)
}

// Prune removes all but the newest keep snapshots (one at least) and what was set aside, once
// those that stay have been read back whole. A damaged one does not count: it is set aside, and
// nothing is removed this time; the error says so. ErrSuperseded when the history was changed
// meanwhile.
func (s *Snapshots) Prune(keep int) error {
	s.mu.Lock()
	era := s.era
	s.mu.Unlock()
	marks, err := s.list()
	if err != nil {
		return err
	}
	return s.prune(marks, era, keep)
}

func (s *Snapshots) prune(marks []record.Mark, era uint64, keep int) error {
	err := s.keep(marks, keep)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.era != era {
		return errors.Join(ErrSuperseded, err)
	}
	return err
}

// keep removes all but the first n of marks once these have been read back.
func (s *Snapshots) keep(marks []record.Mark, n int) error {
	keep := min(max(n, 1), len(marks))
	for _, m := range marks[:keep] {
		if s.isVerified(m) {
			continue
		}
		if err := s.Verify(m); err != nil {
			if errors.Is(err, record.ErrDamaged) {
				err = errors.Join(err, s.setAside(m))
			}
			return err
		}
	}
	for _, m := range marks[keep:] {
		if err := s.door.remove(s.path(m, suffixSnap)); err != nil {
			return err
		}
	}
	if err := s.removeAll(suffixDamaged); err != nil {
		return err
	}
	return s.door.syncDir(s.dir)
}

func (s *Snapshots) isVerified(m record.Mark) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verified[m]
}
