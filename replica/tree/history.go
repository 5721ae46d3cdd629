package tree

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
)

// history keeps the latest changes, bounded by count and bytes. It is in no snapshot and no
// digest: each replica has its own.
type history struct {
	most, mostBytes int
	floor           cell.Zxid  // the changes after it are all kept
	stretches       []*stretch // in order, none empty
	head            int        // of the first stretch, so many have fallen off
	count, bytes    int
	buf             []byte // of the change being added
}

// add appends the changes of one transaction and lets the oldest fall off.
func (h *history) add(changes []Change) {
	for i := range changes {
		p, x := changes[i].pack(h.buf[:0])
		last := h.last(len(p))
		last.add(p, x)
		h.buf = p
		h.bytes += last.weight(len(last.changes) - 1)
	}
	h.count += len(changes)
	for h.count > h.most || h.bytes > h.mostBytes {
		h.fallOff()
	}
}

// last is the last stretch, with room for so many bytes more.
func (h *history) last(size int) *stretch {
	if n := len(h.stretches); n > 0 && h.stretches[n-1].takes(size) {
		return h.stretches[n-1]
	}
	s := newStretch(max(leastStretch, min(h.bytes, mostStretch), size))
	h.stretches = append(h.stretches, s)
	return s
}

// fallOff lets the oldest change go.
func (h *history) fallOff() {
	first := h.stretches[0]
	h.floor = first.past(h.head).zxid()
	h.bytes -= first.weight(h.head)
	first.fallOff(h.head)
	h.count--
	if h.head++; h.head == len(first.changes) {
		h.head, h.stretches[0] = 0, nil
		h.stretches = h.stretches[1:]
	}
}

// Since gives the changes after z in zxid order: at least most of them if there are so many, and
// whole transactions, so that the last one's zxid is the next z. ok is false when some of them
// fell off (C9). The slice is the caller's, the contents are the tree's.
func (t *Tree) Since(z cell.Zxid, most int) (changes []Change, ok bool) {
	h := &t.history
	if z < h.floor {
		return nil, false
	}
	at := sort.Search(len(h.stretches), func(i int) bool { return h.stretches[i].end() > z })
	for ; at < len(h.stretches); at++ {
		kept := h.stretches[at]
		for i := kept.after(z); i < len(kept.changes); i++ {
			p := kept.past(i)
			if n := len(changes); n >= max(most, 1) && changes[n-1].Zxid != p.zxid() {
				return changes, true
			}
			changes = append(changes, p.change(kept.more(i)))
		}
	}
	return changes, true
}

// HistoryFrom is the earliest z for which Since is ok.
func (t *Tree) HistoryFrom() cell.Zxid { return t.history.floor }
