package wal

import (
	"errors"
	"fmt"
	"os"

	"github.com/leasehold/leasehold/replica/record"
)

// TruncateAfter removes every record behind index, and every snapshot above it; what is gone
// stays gone through a power failure once it returns. A cut that would leave the log without
// the snapshot it stands on is an error.
func (l *Log) TruncateAfter(index uint64) error {
	if l.failed != nil {
		return l.failed
	}
	if index >= l.last.Index {
		return nil
	}
	mark, err := l.markAt(index)
	if err != nil {
		return l.fail(err)
	}
	if err := l.cut(mark); err != nil {
		return l.fail(err)
	}
	return nil
}

// markAt is the point that a cut after index leaves as the history's end.
func (l *Log) markAt(index uint64) (record.Mark, error) {
	if index == 0 && l.first == 1 {
		return record.Mark{}, nil
	}
	marks, err := l.snaps.list()
	if err != nil {
		return record.Mark{}, err
	}
	base, found := record.Mark{}, l.first == 1
	for _, m := range marks { // newest first
		if m.Index <= index && m.Index+1 >= l.first {
			base, found = m, true
			break
		}
	}
	switch {
	case !found:
		return base, fmt.Errorf("cannot cut after %d: the log begins at %d, and no snapshot reaches it", index, l.first)
	case index == base.Index:
		return base, nil
	}
	r, err := l.one(index)
	return r.Mark(), err
}

// cut unlinks from the end, each unlink synced, and then shortens: at every step the log is
// a whole one that ends later.
func (l *Log) cut(mark record.Mark) error {
	if mark.Index == 0 { // before the cut: a crash in between leaves a log that is not empty
		if err := l.emptied(true); err != nil {
			return err
		}
	}
	if err := l.snaps.removeAbove(mark.Index); err != nil {
		return err
	}
	if err := l.shut(); err != nil {
		return err
	}
	d, n := l.o.door, len(l.segments)
	for ; n > 1 && l.segments[n-1] > mark.Index; n-- {
		if err := d.remove(l.segmentPath(l.segments[n-1])); err != nil {
			return err
		}
		if err := d.syncDir(l.logDir()); err != nil {
			return err
		}
	}
	tail := l.segmentPath(l.segments[n-1])
	data, err := os.ReadFile(tail)
	if err != nil {
		return err
	}
	size, err := record.OffsetAfter(data, l.segments[n-1], mark.Index)
	if err != nil {
		return err
	}
	if err := errors.Join(d.shorten(tail, int64(size)), d.syncDir(l.logDir())); err != nil {
		return err
	}
	l.segments, l.last, l.synced, l.tail, l.rolled = l.segments[:n], mark, mark.Index, size, false
	return l.reopen()
}

// Compact removes whole segments below keepFrom, as far as the oldest kept snapshot allows: the
// log always reaches back to it. Nothing goes before a snapshot has been read back and verified
// (Snapshots.Prune, Verify) since Open.
func (l *Log) Compact(keepFrom uint64) error {
	if l.failed != nil {
		return l.failed
	}
	oldest, ok, err := l.snaps.oldestCovered()
	if err != nil {
		return l.fail(err)
	}
	if !ok {
		return nil
	}
	keepFrom, n := min(keepFrom, oldest.Index+1), 0
	for n+1 < len(l.segments) && l.segments[n+1] <= keepFrom {
		n++
	}
	if n == 0 {
		return nil
	}
	if err := l.dropFront(n); err != nil {
		return l.fail(err)
	}
	return nil
}

func (l *Log) dropFront(n int) error {
	if err := l.shut(); err != nil {
		return err
	}
	for _, first := range l.segments[:n] {
		if err := l.o.door.remove(l.segmentPath(first)); err != nil {
			return err
		}
	}
	if err := l.o.door.syncDir(l.logDir()); err != nil {
		return err
	}
	l.rolled, l.synced = false, l.last.Index // shut synced the tail
	l.segments = append([]uint64(nil), l.segments[n:]...)
	l.first = l.segments[0]
	return l.reopen()
}
