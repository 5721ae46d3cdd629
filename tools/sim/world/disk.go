package world

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Disk is one data directory. It keeps bytes, and recovers by the scan that the real log uses.
// What it does takes no time here; the Worker spreads it over true time.
type Disk struct {
	Born     record.Birth
	Segment  int // bytes after which a new segment is begun: small, so that short runs roll too
	dice     Dice
	hard     []byte           // nil before the first start
	knows    record.HardState // what hard says
	saving   []byte           // a save under way: a crash leaves the old one or the new one
	salt     uint32
	segments []segment
	shots    []Snapshot
	incoming []Snapshot // received, not yet installed: gone at the next start
	checked  bool       // all snapshots have been read back since the newest was made
	durable  record.Mark
	last     record.Mark
	emptied  bool // the log was cut down to nothing, and nothing has been synced since
	found    Damage
}

type segment struct {
	first uint64
	file  *File
}

// Snapshot is a whole snapshot file; an unfinished one is never here.
type Snapshot struct {
	Mark record.Mark
	Raw  []byte
	sum  uint32
}

// Damage counts what crashes did to a disk and what recovery did about it.
type Damage struct{ Lost, Torn, Holes, TailsCut int }

// NewDisk is a directory as init leaves it.
func NewDisk(d Dice, born record.Birth) *Disk {
	disk := &Disk{dice: d, Born: born, Segment: 16 << 10, salt: uint32(d.Number())}
	disk.segments = []segment{{1, &File{}}}
	return disk
}

// Copy is the same directory once more, as cp -r makes it.
func (d *Disk) Copy() *Disk {
	c := *d
	c.segments = nil
	for _, s := range d.segments {
		c.segments = append(c.segments, segment{s.first, s.file.Copy()})
	}
	c.shots = slices.Clone(d.shots)
	c.saving, c.incoming = nil, nil
	return &c
}

// Crash leaves what a crash leaves: of a process alone, or of the machine's power.
func (d *Disk) Crash(power bool) {
	for _, s := range d.segments {
		done := s.file.Crash(d.dice, power)
		d.found.Lost += done.lost
		d.found.Torn += done.torn
		d.found.Holes += done.holes
	}
	if d.saving != nil && d.dice.Chance(500_000) {
		d.keep(d.saving)
	}
	d.saving, d.incoming, d.checked = nil, nil, false
}

// Durable is what a power cut at this instant would leave, at least.
func (d *Disk) Durable() check.Durable {
	return check.Durable{Hard: d.knows, Last: d.durable}
}

// boot is the highest boot counter that a crash now can leave: one that is being saved counts.
func (d *Disk) boot() uint64 {
	if d.saving == nil {
		return d.knows.Boot
	}
	h, err := record.DecodeHard(d.saving)
	cell.Assert(err == nil, "the hard state that is being saved: %v", err)
	return max(h.Boot, d.knows.Boot)
}

// keep makes raw the hard state that counts.
func (d *Disk) keep(raw []byte) {
	h, err := record.DecodeHard(raw)
	cell.Assert(err == nil, "the hard state that was saved: %v", err)
	d.hard, d.knows = raw, h
}

// Found is what this disk has been through.
func (d *Disk) Found() Damage { return d.found }

// Open recovers, as the real log does at a start: it cuts a torn tail, and refuses damage.
func (d *Disk) Open() (record.Recovered, error) {
	var r record.Recovered
	if d.hard != nil {
		h, err := record.DecodeHard(d.hard)
		if err != nil {
			return r, err
		}
		r.Hard, r.HadHard = h, true
	}
	base, marks := d.verified()
	report, err := d.scan(base, marks)
	if err != nil {
		return r, err
	}
	r.Summary, err = record.Conclude(record.Found{Hard: r.Hard, HadHard: r.HadHard, Emptied: d.emptied,
		Log: report, Base: base})
	if err != nil {
		return r, err
	}
	r.TornBytes, r.Notes, r.Recent, r.Lists = report.TornBytes, report.Notes, report.Recent, report.Lists
	d.last, d.durable = r.Summary.Last, r.Summary.Last
	return r, nil
}

func (d *Disk) scan(base record.Mark, marks []record.Mark) (record.Report, error) {
	scan := record.NewScan(record.ScanOptions{Salt: d.salt, Base: base, Marks: marks, RecentBytes: 8 << 10})
	for i, s := range d.segments {
		if err := scan.Segment(s.first, s.file.Bytes(), i == len(d.segments)-1); err != nil {
			return record.Report{}, err
		}
	}
	report := scan.Report()
	d.segments = slices.DeleteFunc(d.segments, func(s segment) bool { return slices.Contains(report.Dropped, s.first) })
	if report.TornBytes > 0 {
		d.found.TailsCut++
		d.tail().Truncate(report.Keep)
	}
	for _, s := range d.segments {
		s.file.Sync() // Z2: what is reported as the tail is durable
	}
	return report, nil
}

// verified gives the newest snapshot and all of them.
func (d *Disk) verified() (base record.Mark, marks []record.Mark) {
	for _, s := range d.shots {
		if record.UpdateSum(0, s.Raw) != s.sum {
			continue
		}
		marks = append(marks, s.Mark)
		if s.Mark.Index > base.Index {
			base = s.Mark
		}
	}
	return base, marks
}

func (d *Disk) tail() *File { return d.segments[len(d.segments)-1].file }

// Append writes records; they are durable after Sync.
func (d *Disk) Append(rs []record.Record) {
	cell.Assert(d.hard != nil, "an append before the first hard state")
	for _, r := range rs {
		cell.Assert(r.Index == d.last.Index+1, "the log ends at %v; record %v comes", d.last, r.Mark())
		cell.Assert(r.Zxid > d.last.Zxid, "the log ends at %v; record %v comes", d.last, r.Mark())
		cell.Assert(r.Intact(), "record %v was changed on its way to the disk", r.Mark())
		if len(d.tail().Bytes()) > d.Segment {
			d.tail().Sync()
			d.segments = append(d.segments, segment{r.Index, &File{}})
		}
		d.tail().Append(record.AppendEntry(nil, r, d.durable.Index, d.salt))
		d.last = r.Mark()
	}
}

// Sync makes everything written durable.
func (d *Disk) Sync() {
	d.tail().Sync()
	d.durable = d.last
	d.emptied = d.emptied && d.last.Index == 0
}

// BeginSave and EndSave replace the hard state.
func (d *Disk) BeginSave(h record.HardState) { d.saving = record.EncodeHard(h) }

// EndSave makes the state that BeginSave got the one that counts.
func (d *Disk) EndSave() {
	d.keep(d.saving)
	d.saving = nil
}

// TruncateSteps cuts everything after index, in steps between which a crash may come: the
// snapshots above the cut first (Z5), then segments from the end, then the bytes.
func (d *Disk) TruncateSteps(index uint64) []func() {
	var steps []func()
	for i := len(d.shots) - 1; i >= 0; i-- {
		if mark := d.shots[i].Mark; mark.Index > index {
			steps = append(steps, func() { d.dropShot(mark) })
		}
	}
	for i := len(d.segments) - 1; i > 0 && d.segments[i].first > index; i-- {
		steps = append(steps, func() { d.segments = d.segments[:len(d.segments)-1] })
	}
	return append(steps, func() { d.cut(index) })
}

func (d *Disk) dropShot(m record.Mark) {
	d.shots = slices.DeleteFunc(d.shots, func(s Snapshot) bool { return s.Mark == m })
}

func (d *Disk) cut(index uint64) {
	s := d.segments[len(d.segments)-1]
	d.emptied = index == 0
	offset, err := record.OffsetAfter(s.file.Bytes(), s.first, index)
	cell.Assert(err == nil, "cutting the log after %d: %v", index, err)
	s.file.Truncate(offset)
	base, marks := d.verified()
	report, err := d.scan(base, marks)
	cell.Assert(err == nil, "the log after a cut at %d: %v", index, err)
	d.last = report.Last
	if d.last == (record.Mark{}) {
		d.last = base
	}
	d.durable = d.last
	cell.Assert(d.last.Index == index, "the log was cut after %d and ends at %v", index, d.last)
}

// Read gives records from index on, at most most bytes but at least one. The disk is asked only
// for what it has.
func (d *Disk) Read(from uint64, most int) []record.Record {
	var rs []record.Record
	base, _ := d.verified()
	scan := record.NewScan(record.ScanOptions{Salt: d.salt, Base: base, RecentBytes: 1 << 40})
	for i, s := range d.segments {
		err := scan.Segment(s.first, s.file.Bytes(), i == len(d.segments)-1)
		cell.Assert(err == nil, "reading the log: %v", err)
	}
	for _, r := range scan.Report().Recent {
		if len(rs) == 0 && r.Index > from {
			return nil // the log does not go back that far any more
		}
		if r.Index < from {
			continue
		}
		if most -= len(r.Payload); most < 0 && len(rs) > 0 {
			break
		}
		rs = append(rs, r)
	}
	return rs
}

// errNoSnapshot is returned where a snapshot is wanted that is not there.
func errNoSnapshot(m record.Mark) error { return fmt.Errorf("there is no snapshot %v", m) }

// Create keeps a snapshot of our own, unless the history has changed since it was frozen: then
// it is false.
func (d *Disk) Create(m record.Mark, raw []byte) bool {
	rs := d.Read(m.Index, 1)
	if m.Index > d.durable.Index || len(rs) == 0 || rs[0].Mark() != m {
		return false
	}
	d.dropShot(m)
	d.shots, d.checked = append(d.shots, Snapshot{m, raw, record.UpdateSum(0, raw)}), false
	slices.SortFunc(d.shots, func(a, b Snapshot) int { return int(a.Mark.Index) - int(b.Mark.Index) })
	return true
}

// Receive keeps a snapshot from a peer beside the others, until Install.
func (d *Disk) Receive(m record.Mark, raw []byte) {
	d.incoming = append(d.incoming, Snapshot{m, raw, record.UpdateSum(0, raw)})
}

// Install makes a received snapshot the whole history, in one switch.
func (d *Disk) Install(m record.Mark) error {
	for _, s := range d.incoming {
		if s.Mark == m {
			d.shots, d.incoming, d.checked = []Snapshot{s}, nil, true
			d.salt = uint32(d.dice.Number())
			d.segments = []segment{{m.Index + 1, &File{}}}
			d.last, d.durable = m, m
			return nil
		}
	}
	return errNoSnapshot(m)
}

// Newest is the newest snapshot.
func (d *Disk) Newest() (Snapshot, error) {
	base, _ := d.verified()
	for _, s := range d.shots {
		if s.Mark == base && base.Index > 0 {
			return s, nil
		}
	}
	return Snapshot{}, errors.New("there is no snapshot yet")
}

// Prune reads all snapshots back, drops all but the newest keep, and gives the oldest left.
func (d *Disk) Prune(keep int) record.Mark {
	if len(d.shots) == 0 {
		return record.Mark{}
	}
	d.checked = true
	if len(d.shots) > keep {
		d.shots = slices.Clone(d.shots[len(d.shots)-keep:])
	}
	return d.shots[0].Mark
}

// Compact drops the segments that hold only records below an index, never those that the oldest
// snapshot needs, and none before all snapshots have been read back (Z12).
func (d *Disk) Compact(below uint64) {
	if !d.checked || len(d.shots) == 0 {
		return
	}
	below = min(below, d.shots[0].Mark.Index+1)
	for len(d.segments) > 1 && d.segments[1].first <= below {
		d.segments = d.segments[1:]
	}
}

// First is the lowest index that the log serves.
func (d *Disk) First() uint64 { return d.segments[0].first }

// Last is the end of what was written.
func (d *Disk) Last() record.Mark { return d.last }
