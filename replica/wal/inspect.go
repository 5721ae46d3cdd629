package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Inspector looks at the data directory of a stopped replica, part by part, and changes nothing. While
// it is open no replica starts on the directory.
type Inspector struct {
	dir   string
	lock  *os.File // nil: the directory never had one
	snaps *Snapshots
}

// Inspect takes hold of a directory. ErrInUse: a process has it.
func Inspect(dir string) (*Inspector, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%w: %s is no directory", cell.ErrUsage, dir)
	}
	if err != nil {
		return nil, err
	}
	i := &Inspector{dir: dir, snaps: newSnapshots(dir, Options{})}
	path := filepath.Join(dir, "LOCK")
	switch i.lock, err = os.Open(path); {
	case errors.Is(err, fs.ErrNotExist):
		return i, nil
	case err != nil:
		return nil, err
	}
	taken, err := lockFile(i.lock)
	if err == nil && taken {
		err = fmt.Errorf("%w: %s is locked by %s: stop that first", ErrInUse, dir, holder(path))
	}
	if err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Close lets the directory go.
func (i *Inspector) Close() error {
	if i.lock == nil {
		return nil
	}
	return i.lock.Close()
}

// Hard gives the hard state; false when there is none. Spoilt is what is wrong with one of its two copies, if
// that is so: a start takes the other.
func (i *Inspector) Hard() (h record.HardState, ok bool, spoilt *record.Refusal, err error) {
	data, ok, err := readSmall(filepath.Join(i.dir, "hard"))
	if err != nil || !ok {
		return h, false, nil, err
	}
	slots, err := record.DecodeSlots(data)
	return slots.Hard, err == nil, slots.Spoilt, err
}

// Current says which log counts; false when no file says so.
func (i *Inspector) Current() (record.Current, bool, error) {
	data, ok, err := readSmall(filepath.Join(i.dir, "CURRENT"))
	if err != nil || !ok {
		return record.Current{}, false, err
	}
	c, err := record.DecodeCurrent(data)
	return c, true, err
}

// Snapshots gives the directory's, to be listed, verified and read.
func (i *Inspector) Snapshots() *Snapshots { return i.snaps }

// Log reads the segments of the log that c names, in order. After each, visit gets its name and records,
// which are not to be kept. The error is a *record.Refusal, the disk's, or that of visit.
func (i *Inspector) Log(c record.Current, base record.Mark, marks []record.Mark,
	visit func(name string, rs []record.Record) error) (record.Report, error) {
	dir := filepath.Join(i.dir, logName(c.Log))
	segments, err := listSegments(dir)
	if err != nil {
		return record.Report{}, err
	}
	scan := record.NewScan(record.ScanOptions{Salt: c.Salt, Base: base, Marks: marks, RecentBytes: maxSegmentFile})
	next := uint64(0)
	for n, first := range segments {
		name := filepath.Join(logName(c.Log), segmentName(first))
		data, err := readSegment(filepath.Join(i.dir, name), nil)
		if err == nil {
			err = scan.Segment(first, data, n == len(segments)-1)
		}
		if err != nil {
			return record.Report{}, fmt.Errorf("%s: %w", name, err)
		}
		recent := scan.Report().Recent
		at := slices.IndexFunc(recent, func(r record.Record) bool { return r.Index >= max(next, first) })
		if at < 0 {
			continue
		}
		next = recent[len(recent)-1].Index + 1
		if err := visit(name, recent[at:]); err != nil {
			return record.Report{}, err
		}
	}
	return scan.Report(), nil
}

// Leftovers are files that a start would remove: unfinished, received and not installed, or set aside.
func (i *Inspector) Leftovers() []string {
	var found []string
	for _, dir := range []string{i.dir, i.snaps.dir} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // what is wrong with a folder its other readers say
		}
		for _, e := range entries {
			for _, suffix := range []string{".tmp", suffixReceived, suffixDamaged} {
				if strings.HasSuffix(e.Name(), suffix) {
					found = append(found, e.Name())
				}
			}
		}
	}
	return found
}
