package wal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/replica/record"
)

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
	var used buffers
	for i, first := range segments {
		data, err := readSegment(l.segmentPath(first), used.free(scan.Report().Recent))
		if err != nil {
			return record.Report{}, err
		}
		if err := scan.Segment(first, data, i == len(segments)-1); err != nil {
			return record.Report{}, err
		}
		used = append(used, buffer{data, scan.Report().Last.Index})
	}
	report := scan.Report()
	for i := range report.Recent { // which a whole segment each would be kept for
		report.Recent[i].Payload = bytes.Clone(report.Recent[i].Payload)
	}
	l.segments = segments[len(report.Dropped):]
	return report, nil
}

// buffers are those that segments were read into, in order. To read each into a new one costs more than to
// read it.
type buffers []buffer

type buffer struct {
	bytes []byte
	last  uint64 // index of the last record found so far
}

// free takes out a buffer of which no recent record is part; nil when there is none.
func (b *buffers) free(recent []record.Record) []byte {
	all := *b
	if len(all) == 0 || len(recent) > 0 && recent[0].Index <= all[0].last {
		return nil
	}
	*b = all[1:]
	return all[0].bytes
}

// readSegment reads a segment's file into a buffer, where that is large enough.
func readSegment(path string, into []byte) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err == nil && info.Size() > maxSegmentFile {
		err = record.Damaged("%s has %d bytes; %d are the most", path, info.Size(), maxSegmentFile)
	}
	if err != nil {
		return nil, err
	}
	size := int(info.Size())
	if cap(into) < size {
		into = make([]byte, size)
	}
	_, err = io.ReadFull(f, into[:size])
	return into[:size], err
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
