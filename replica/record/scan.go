package record

import (
	"bytes"
	"errors"
	"fmt"
)

// ScanOptions are what the scan must know beside the segments.
type ScanOptions struct {
	Salt        uint32
	Base        Mark   // the newest snapshot that was verified; zero when there is none
	Marks       []Mark // all snapshots: the log must agree with those that it passes
	RecentBytes int    // how much of the log's end to hand back
}

// Report is what a scan found.
type Report struct {
	First     uint64     // index of the first record that the log serves, or would serve
	Last      Mark       // the last whole record; the zero Mark when there is none
	Epochs    []EpochEnd // of the records, rising
	Keep      int        // bytes of the last segment that stay
	TornBytes int        // bytes behind them, to be cut: a torn write, or room laid out
	Roomy     []Roomy    // earlier segments that have room behind their records, to be cut too
	Dropped   []uint64   // first indexes of old segments to be removed (see Segment)
	Recent    []Record   // the end of the log; payloads alias the segments' bytes
	Lists     []Record   // the member lists behind the base snapshot
	Notes     []string   // lines for the log
}

// Roomy is a segment of which Keep bytes stay.
type Roomy struct {
	First uint64
	Keep  int
}

// Scan reads a log's segments in order.
type Scan struct {
	o           ScanOptions
	report      Report
	marks       map[uint64]Mark
	next        uint64 // index that the next record must have; 0 before the first segment
	segments    []uint64
	recentBytes int
}

// NewScan begins a scan.
func NewScan(o ScanOptions) *Scan {
	s := &Scan{o: o, marks: map[uint64]Mark{}}
	for _, m := range o.Marks {
		s.marks[m.Index] = m
	}
	return s
}

// Segment reads the next segment: first is the index that its name says, last whether no other
// follows. The error is a *Refusal. A segment that has a successor was synced whole before the
// successor was made, so in it nothing can be torn. Behind its records any segment may have room:
// zeros to its end. A gap between segments is refused, except
// below the base snapshot: there a crash in the middle of a compaction can leave one, and the
// segments before it, which nobody needs, are dropped.
func (s *Scan) Segment(first uint64, data []byte, last bool) error {
	if err := s.connect(first); err != nil {
		return err
	}
	s.segments = append(s.segments, first)
	offset := 0
	for offset < len(data) {
		frame, n, ok := split(data[offset:])
		if !ok && zeros(data[offset:]) {
			s.room(first, offset, len(data), last)
			return nil
		}
		if !ok {
			return s.bad(data, offset, last, "no whole record")
		}
		f, err := ParseFrame(frame, s.o.Salt)
		var refusal *Refusal
		if errors.As(err, &refusal) {
			return refusal
		}
		if err != nil {
			return s.bad(data, offset, last, err.Error())
		}
		if err := s.take(f.Record); err != nil {
			return err
		}
		offset += n
	}
	s.report.Keep = offset
	return nil
}

// room notes that a segment's bytes from offset on were laid out and never written: that nothing
// is missing there the next segment shows, by its first record.
func (s *Scan) room(first uint64, offset, end int, last bool) {
	s.report.Keep = offset
	if last {
		s.report.TornBytes = end - offset
		return
	}
	s.report.Roomy = append(s.report.Roomy, Roomy{First: first, Keep: offset})
}

func zeros(data []byte) bool { return len(bytes.TrimLeft(data, "\x00")) == 0 }

// connect checks that a segment goes on where the one before it ended.
func (s *Scan) connect(first uint64) error {
	switch {
	case first == 0:
		return Damaged("a segment of the log is named 0")
	case s.next == 0:
		s.report.First, s.next = first, first
	case first == s.next:
	case first > s.next && first <= s.o.Base.Index+1:
		s.drop(first)
	default:
		return Damaged("the log goes from record %d to segment %d", s.next-1, first)
	}
	return nil
}

func (s *Scan) drop(first uint64) {
	s.report = Report{
		First: first, Dropped: s.segments,
		Notes: append(s.report.Notes, fmt.Sprintf(
			"the log has a gap from %d to %d, below the snapshot %v: the %d segments before it are dropped",
			s.next, first-1, s.o.Base, len(s.segments))),
	}
	s.next, s.recentBytes = first, 0
}

// take accepts a whole record. A whole record in a wrong place is no tear: nothing that a
// crash leaves looks like it.
func (s *Scan) take(r Record) error {
	before := s.report.Last
	if before == (Mark{}) && s.o.Base.Index == s.report.First-1 {
		before = s.o.Base
	}
	if r.Index != s.next {
		return Damaged("record %d stands in the log where %d belongs", r.Index, s.next)
	}
	if r.Zxid <= before.Zxid {
		return Damaged("record %v follows %v", r.Mark(), before)
	}
	if m, ok := s.marks[r.Index]; ok && m.Zxid != r.Zxid {
		return Damaged("the snapshot %v is of another history than record %v", m, r.Mark())
	}
	s.next++
	s.report.Last = r.Mark()
	s.report.Epochs = extend(s.report.Epochs, r.Mark())
	if r.Kind == Members && r.Index > s.o.Base.Index {
		list := r
		list.Payload = bytes.Clone(r.Payload)
		s.report.Lists = append(s.report.Lists, list)
	}
	s.remember(r)
	return nil
}

func extend(epochs []EpochEnd, m Mark) []EpochEnd {
	if n := len(epochs); n > 0 && epochs[n-1].Epoch == m.Zxid.Epoch() {
		epochs[n-1].Last = m
		return epochs
	}
	return append(epochs, EpochEnd{Epoch: m.Zxid.Epoch(), Last: m})
}

func (s *Scan) remember(r Record) {
	s.report.Recent = append(s.report.Recent, r)
	s.recentBytes += len(r.Payload) + HeaderBytes
	for s.recentBytes > s.o.RecentBytes {
		s.recentBytes -= len(s.report.Recent[0].Payload) + HeaderBytes
		s.report.Recent[0] = Record{}
		s.report.Recent = s.report.Recent[1:]
	}
}

// bad decides what bytes that are no record mean: a torn tail, or damage.
func (s *Scan) bad(data []byte, offset int, last bool, why string) error {
	where := fmt.Sprintf("segment %d, byte %d, where record %d belongs: %s",
		s.segments[len(s.segments)-1], offset, s.next, why)
	if !last {
		return Damaged("%s; the segment was synced whole before the next one was begun", where)
	}
	if w, ok := witness(data[offset:], s.next, s.o.Salt); ok {
		return Damaged("%s; record %d behind it says that %d was already durable", where, w.Index, w.Synced)
	}
	s.report.Keep, s.report.TornBytes = offset, len(data)-offset
	written := len(bytes.TrimRight(data[offset:], "\x00"))
	s.report.Notes = append(s.report.Notes, fmt.Sprintf(
		"the log's tail is torn: the last %d bytes, behind record %v, are cut (%s)",
		written, s.report.Last, where))
	return nil
}

// witness looks, at every byte, for a whole header that was written after index had been
// synced. The salt in its sum keeps bytes that a client chose from passing for one.
func witness(data []byte, index uint64, salt uint32) (Frame, bool) {
	for i := 0; i+HeaderBytes <= len(data); i++ {
		if data[i] != magic {
			continue
		}
		if f, err := parseHeader(data[i:], salt); err == nil && f.Synced >= index {
			return f, true
		}
	}
	return Frame{}, false
}

// Report is what was found in all segments so far.
func (s *Scan) Report() Report { return s.report }
