package wal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	tidwall "github.com/tidwall/wal"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Errors of a Log beside those of the disk and those of replica/record.
var (
	ErrClosed    = cell.ErrLogClosed
	ErrCompacted = cell.ErrCompacted // Read: the caller needs a snapshot
)

// Options of a data directory; zero values mean the defaults.
type Options struct {
	Cell         cell.CellID // whose snapshots are believed; zero: not known yet (Snapshots.SetCell)
	SegmentBytes int
	RecentBytes  int

	door door
}

// Recovered is what Open found.
type Recovered = record.Recovered

// Log is the log and the hard state of one replica. One goroutine uses it at a time; Snapshots
// may be used by others meanwhile. After the first error of a method that changes the disk
// every method answers that error (Z9): the caller ends the replica.
type Log struct {
	dir    string
	o      Options
	lock   *os.File
	snaps  *Snapshots
	failed error

	current record.Current
	hard    hard
	w       *tidwall.Log
	batch   tidwall.Batch
	frame   []byte

	first    uint64      // of the log: what Read serves, or will serve
	last     record.Mark // written
	synced   uint64      // index up to which records are durable
	segments []uint64    // first indexes, rising
	tail     int         // bytes in the last segment
	rolled   bool        // a segment was begun and its directory is not synced
	room     room        // of the last segment
}

// Snapshots gives the snapshots of the same directory.
func (l *Log) Snapshots() *Snapshots { return l.snaps }

// Last is the last record written, durable or not.
func (l *Log) Last() record.Mark { return l.last }

// First is the index of the first record that Read serves; Last().Index+1 when there is none.
func (l *Log) First() uint64 { return l.first }

func (l *Log) fail(err error) error {
	if l.failed == nil {
		l.failed = fmt.Errorf("log in %s: %w", l.dir, err)
	}
	return l.failed
}

// Close releases the directory. What was not synced may be lost. Closing twice is harmless.
func (l *Log) Close() error {
	if errors.Is(l.failed, ErrClosed) {
		return nil
	}
	var err error
	if l.w != nil {
		err = errors.Join(l.leave(), l.w.Close())
	}
	l.failed = fmt.Errorf("log in %s: %w", l.dir, ErrClosed)
	return errors.Join(err, l.leaveHard(), l.lock.Close())
}

func (l *Log) path(name string) string { return filepath.Join(l.dir, name) }

func (l *Log) logDir() string { return l.path(logName(l.current.Log)) }

func (l *Log) segmentPath(first uint64) string {
	return filepath.Join(l.logDir(), segmentName(first))
}

func logName(n uint64) string { return fmt.Sprintf("log-%d", n) }

func segmentName(first uint64) string { return fmt.Sprintf("%020d", first) }

// reopen hands the segments, which are known to be whole, to the library.
func (l *Log) reopen() error {
	if err := l.o.door.step("open", l.logDir()); err != nil {
		return err
	}
	w, err := tidwall.Open(l.logDir(), &tidwall.Options{
		NoSync: true, NoCopy: true, SegmentSize: l.o.SegmentBytes, SegmentCacheSize: 1, AllowEmpty: true,
		DirPerms: 0o700, FilePerms: 0o600,
	})
	if err != nil {
		return err
	}
	l.w = w
	first, err1 := w.FirstIndex()
	last, err2 := w.LastIndex()
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if first != l.first || last != l.last.Index {
		return fmt.Errorf("the log holds %d to %d; the scan found %d to %d", first, last, l.first, l.last.Index)
	}
	return nil
}

// shut closes the library's log, so that its files can be changed beneath it. The library would
// take the room of a segment that it opens for records.
func (l *Log) shut() error {
	w := l.w
	l.w = nil
	return errors.Join(l.leave(), w.Close())
}
