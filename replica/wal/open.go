package wal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

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
	if err := l.readHard(&found); err != nil {
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
	found.Recent, found.TornBytes = report.Recent, report.TornBytes
	found.Notes = append(snapshots.notes, report.Notes...)
	for _, m := range snapshots.damaged {
		if err := l.snaps.setAside(m); err != nil {
			return found, err
		}
	}
	return found, l.settle(found.Summary, report)
}

// tidy removes what was being written.
func (l *Log) tidy() error {
	if err := l.o.door.mkdir(l.snaps.dir); err != nil {
		return err
	}
	if err := l.o.door.sweep(l.dir); err != nil {
		return err
	}
	return l.o.door.sweep(l.snaps.dir)
}

func (l *Log) readHard(found *Recovered) error {
	data, ok, err := readSmall(l.path("hard"))
	if err != nil || !ok {
		return err
	}
	found.HadHard, l.hard = true, true
	found.Hard, err = record.DecodeHard(data)
	return err
}

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
		return l.finishInstall()
	}
	if err := l.removeOtherLogs(); err != nil {
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

// scan reads all segments through record.Scan, one in memory at a time.
func (l *Log) scan(base record.Mark) (record.Report, error) {
	segments, err := listSegments(l.logDir())
	if err != nil {
		return record.Report{}, err
	}
	marks, err := l.snaps.list()
	if err != nil {
		return record.Report{}, err
	}
	scan := record.NewScan(record.ScanOptions{
		Salt: l.current.Salt, Base: base, Marks: marks, RecentBytes: l.o.RecentBytes,
	})
	for i, first := range segments {
		data, err := os.ReadFile(l.segmentPath(first))
		if err != nil {
			return record.Report{}, err
		}
		if err := scan.Segment(first, data, i == len(segments)-1); err != nil {
			return record.Report{}, err
		}
	}
	report := scan.Report()
	l.segments = segments[len(report.Dropped):]
	return report, nil
}

// listSegments gives the first indexes, rising. Names that the library would take for the
// middle of a truncation of its own are refused: nothing here leaves them.
func listSegments(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, record.Lost("the log directory %s is missing", dir)
	}
	if err != nil {
		return nil, err
	}
	var firsts []uint64
	for _, e := range entries {
		name := e.Name()
		first, err := strconv.ParseUint(name[:min(20, len(name))], 10, 64)
		switch {
		case err != nil || len(name) < 20:
		case len(name) == 20:
			firsts = append(firsts, first)
		case strings.HasSuffix(name, ".START"), strings.HasSuffix(name, ".END"):
			return nil, record.Damaged("%s was not written by this program", filepath.Join(dir, name))
		}
	}
	return firsts, nil
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
