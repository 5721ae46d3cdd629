package wal

import (
	"errors"
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
	for i, first := range segments {
		data, err := readSegment(l.segmentPath(first))
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

func readSegment(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxSegmentFile {
		err = record.Damaged("%s has %d bytes; %d are the most", path, info.Size(), maxSegmentFile)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
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
