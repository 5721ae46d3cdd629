package wal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/leasehold/leasehold/replica/record"
)

// Open locks the directory (made if its parent exists), finds what the last process or a power
// failure left, repairs what can be (a torn tail, an unfinished Install) and reports. Errors:
// ErrInUse; a *record.Refusal with reason and remedy; the disk's own. Nothing that holds
// history is changed before it is clear that the directory is not refused.
func Open(dir string, o Options) (*Log, Recovered, error) {
	if o.SegmentBytes <= 0 {
		o.SegmentBytes = DefaultSegmentBytes
	}
	o.SegmentBytes = min(o.SegmentBytes, MaxSegmentBytes)
	if o.RecentBytes <= 0 {
		o.RecentBytes = DefaultRecentBytes
	}
	if err := makeDir(o.door, dir); err != nil {
		return nil, Recovered{}, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, Recovered{}, err
	}
	l := &Log{dir: dir, o: o, lock: lock, snaps: newSnapshots(dir, o)}
	found, err := l.recover()
	if err != nil {
		err = fmt.Errorf("data directory %s: %w", dir, err)
		return nil, Recovered{}, errors.Join(err, l.Close())
	}
	return l, found, nil
}

func makeDir(d door, dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := d.mkdir(dir); err != nil {
		return err
	}
	return d.syncDir(filepath.Dir(filepath.Clean(dir)))
}

// recover is the way from files to what is known: each line may refuse.
func (l *Log) recover() (Recovered, error) {
	var found Recovered
	if err := l.tidy(); err != nil {
		return found, err
	}
	slots, err := l.readHard(&found)
	if err != nil {
		return found, err
	}
	if err := l.readCurrent(found.Hard.Begun); err != nil {
		return found, err
	}
	snapshots, err := l.snaps.judge()
	if err != nil {
		return found, err
	}
	report, err := l.scan(snapshots.base)
	if err != nil {
		return found, err
	}
	found.Summary, err = record.Conclude(record.Found{
		Hard: found.Hard, HadHard: found.HadHard, Emptied: l.current.Emptied, Log: report, Base: snapshots.base,
	})
	if err != nil {
		return found, err
	}
	found.Recent, found.Lists, found.TornBytes = report.Recent, report.Lists, report.TornBytes
	found.Notes = slices.Concat(found.Notes, snapshots.notes, report.Notes)
	for _, m := range snapshots.damaged {
		if err := l.snaps.setAside(m); err != nil {
			return found, err
		}
	}
	if err := l.settleHard(slots); err != nil {
		return found, err
	}
	return found, l.settle(found.Summary, report)
}

// tidy removes what was being written.
func (l *Log) tidy() error {
	d := l.o.door
	if err := d.mkdir(l.snaps.dir); err != nil {
		return err
	}
	if err := d.syncDir(l.dir); err != nil {
		return err
	}
	if err := d.sweep(l.dir); err != nil {
		return err
	}
	return d.sweep(l.snaps.dir)
}

// settle makes the disk what the report says, syncs it, and opens it for appending.
func (l *Log) settle(s record.Summary, r record.Report) error {
	d := l.o.door
	for _, first := range r.Dropped {
		if err := d.remove(l.segmentPath(first)); err != nil {
			return err
		}
	}
	l.first, l.last, l.synced, l.tail = s.First, s.Last, s.Last.Index, r.Keep
	tail := l.segmentPath(l.segments[len(l.segments)-1])
	for _, x := range r.Roomy {
		if err := d.shorten(l.segmentPath(x.First), int64(x.Keep)); err != nil {
			return err
		}
	}
	var err error
	if r.TornBytes > 0 {
		err = d.shorten(tail, int64(r.Keep))
	} else {
		err = d.syncFile(tail)
	}
	if err = errors.Join(err, d.syncDir(l.logDir())); err != nil {
		return err
	}
	if err := l.filled(); err != nil {
		return err
	}
	return l.reopen()
}
