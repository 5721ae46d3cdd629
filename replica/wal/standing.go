package wal

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/replica/record"
)

// standing is what the snapshots are worth at a start.
type standing struct {
	base    record.Mark   // the newest whose file is whole; zero when there is none
	damaged []record.Mark // newer ones
	notes   []string
}

func (s *Snapshots) judge() (standing, error) {
	var found standing
	marks, err := s.list()
	if err != nil {
		return found, err
	}
	for _, m := range marks {
		err := s.checkFile(s.path(m, suffixSnap), m)
		if err == nil {
			found.base = m
			return found, nil
		}
		if !errors.Is(err, record.ErrDamaged) {
			return found, err
		}
		found.damaged = append(found.damaged, m)
		found.notes = append(found.notes, fmt.Sprintf("the snapshot %v is set aside: %v", m, err))
	}
	return found, nil
}

// oldestCovered is the oldest snapshot, if one at all has been verified.
func (s *Snapshots) oldestCovered() (record.Mark, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	marks, err := s.list()
	if err != nil || len(marks) == 0 {
		return record.Mark{}, false, err
	}
	for _, m := range marks {
		if s.verified[m] {
			return marks[len(marks)-1], true, nil
		}
	}
	return record.Mark{}, false, nil
}
