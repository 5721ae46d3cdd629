package zab

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// history is what this replica knows of its log: the tail in memory, and of the rest where each
// epoch ended. last is what was handed to the disk, durable what it has answered for.
type history struct {
	snapshot record.Mark
	first    uint64            // lowest index the log on disk serves
	epochs   []record.EpochEnd // rising; ends at last, unless the history is empty
	recent   []record.Record   // the tail that is in memory, without a gap, up to last
	bytes    int               // payload bytes of recent
	last     record.Mark
	written  uint64 // highest index handed to the disk
	durable  record.Mark
}

func newHistory(s record.Summary, recent []record.Record) history {
	h := history{snapshot: s.Snapshot, first: s.First, last: s.Last, durable: s.Last, written: s.Last.Index}
	h.epochs = append(h.epochs, s.Epochs...)
	for i := range recent {
		h.bytes += len(recent[i].Payload)
	}
	h.recent = recent[:len(recent):len(recent)]
	if n := len(recent); n > 0 {
		cell.Assert(recent[n-1].Mark() == s.Last, "the tail %v is not the log's end %v", recent[n-1].Mark(), s.Last)
	}
	return h
}

// from is the lowest index in memory; last.Index+1 when nothing is.
func (h *history) from() uint64 { return h.last.Index + 1 - uint64(len(h.recent)) }

// add appends r. The slices that earlier messages share are never written to again.
func (h *history) add(r record.Record) {
	if !succeeds(h.last, r.Mark()) {
		cell.Assert(false, "%v cannot follow %v", r.Mark(), h.last)
	}
	h.recent = append(h.recent, r)
	h.bytes += len(r.Payload)
	h.last = r.Mark()
	if n := len(h.epochs); n > 0 && h.epochs[n-1].Epoch == r.Zxid.Epoch() {
		h.epochs[n-1].Last = h.last
		return
	}
	h.epochs = append(h.epochs, record.EpochEnd{Epoch: r.Zxid.Epoch(), Last: h.last})
}

// compacted begins the log at first. Of the epochs that end below it many stay known: a follower
// may still be in one.
func (h *history) compacted(first uint64, snapshot record.Mark) {
	h.first, h.snapshot = first, snapshot
	n := 0
	for n < len(h.epochs)-keepEpochs && h.epochs[n].Last.Index+1 < first {
		n++
	}
	h.epochs = h.epochs[n:]
}

// newest is a copy of the table's end, as much of it as one message carries.
func (h *history) newest() []record.EpochEnd {
	return append([]record.EpochEnd(nil), h.epochs[max(0, len(h.epochs)-maxEpochs):]...)
}

// mark is the mark at index: computed from the epochs, whose counters are dense.
func (h *history) mark(index uint64) (record.Mark, bool) {
	if index == 0 {
		return record.Mark{}, true
	}
	i := sort.Search(len(h.epochs), func(i int) bool { return h.epochs[i].Last.Index >= index })
	if i == len(h.epochs) {
		return record.Mark{}, false
	}
	end := h.epochs[i].Last
	if back := end.Index - index; back < uint64(end.Zxid.Counter()) {
		return record.Mark{Index: index, Zxid: end.Zxid - cell.Zxid(back)}, true
	}
	return record.Mark{}, false
}

// endOf is the index of the last record that is of epoch e or an earlier one.
func (h *history) endOf(e cell.Epoch) uint64 {
	for i := len(h.epochs) - 1; i >= 0; i-- {
		if h.epochs[i].Epoch <= e {
			return h.epochs[i].Last.Index
		}
	}
	return 0
}

// slice is a run of records from index on, as much as one message takes; nil when index is not
// in memory. Nothing is copied.
func (h *history) slice(index, to uint64) []record.Record {
	if index < h.from() || index > to || to > h.last.Index {
		return nil
	}
	at, end, bytes := int(index-h.from()), 0, 0
	for end = at; end <= int(to-h.from()) && end-at < maxBatchCount; end++ {
		if bytes += len(h.recent[end].Payload); bytes > maxBatch && end > at {
			break
		}
	}
	return h.recent[at:end:end]
}

// trim lets go of the oldest records in memory, as far as they are durable and below keep.
func (h *history) trim(keep uint64) {
	n, keep := 0, min(keep, h.durable.Index+1)
	for n < len(h.recent) && h.bytes+entryOverhead*(len(h.recent)-n) > maxRecent && h.recent[n].Index < keep {
		h.bytes -= len(h.recent[n].Payload)
		n++
	}
	if n > 0 {
		h.recent = h.recent[n:]
	}
}

// truncate removes everything above after, which must have a mark.
func (h *history) truncate(after uint64) {
	m, ok := h.mark(after)
	cell.Assert(ok, "truncate to %d, of which nothing is known", after)
	keep := 0
	if after >= h.from() {
		keep = int(after + 1 - h.from())
	}
	h.recent = h.recent[:keep:keep]
	h.bytes = 0
	for i := range h.recent {
		h.bytes += len(h.recent[i].Payload)
	}
	i := sort.Search(len(h.epochs), func(i int) bool { return h.epochs[i].Last.Index > after })
	ends := append([]record.EpochEnd(nil), h.epochs[:i]...)
	if after > 0 && (i == 0 || ends[i-1].Last.Index < after) {
		ends = append(ends, record.EpochEnd{Epoch: m.Zxid.Epoch(), Last: m})
	}
	h.epochs, h.last, h.written = ends, m, after
	if h.durable.Index > after {
		h.durable = m
	}
}

// install replaces everything by a snapshot at m.
func (h *history) install(m record.Mark) {
	*h = history{snapshot: m, first: m.Index + 1, last: m, written: m.Index, durable: m}
	if m.Index > 0 {
		h.epochs = []record.EpochEnd{{Epoch: m.Zxid.Epoch(), Last: m}}
	}
}

// complete reports whether a table goes back to the first transaction.
func complete(epochs []record.EpochEnd) bool {
	if len(epochs) == 0 {
		return true
	}
	e := epochs[0].Last
	return e.Index == uint64(e.Zxid.Counter())
}

// common is the last mark that two histories share (Z5), found by their epochs: whoever has a
// record of an epoch has all that its leader had before it. false: nothing can be proved.
func (h *history) common(f *FollowerInfo) (record.Mark, bool) {
	i, j := len(h.epochs)-1, len(f.Epochs)-1
	for i >= 0 && j >= 0 {
		a, b := h.epochs[i], f.Epochs[j]
		switch {
		case a.Epoch > b.Epoch:
			i--
		case a.Epoch < b.Epoch:
			j--
		case a.Last.Index-uint64(a.Last.Zxid.Counter()) != b.Last.Index-uint64(b.Last.Zxid.Counter()):
			return record.Mark{}, false // not the same history
		case a.Last.Index < b.Last.Index:
			return a.Last, true
		default:
			return b.Last, true
		}
	}
	if complete(f.Epochs) && complete(h.epochs) {
		return record.Mark{}, true
	}
	return record.Mark{}, false
}
