package tree

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
)

const changeOverhead = 256 // bytes that a change takes beside its name and contents

// history keeps the latest changes, bounded by count and bytes. It is in no snapshot and no
// digest: each replica has its own.
type history struct {
	most, mostBytes int
	floor           cell.Zxid // the changes after it are all kept
	changes         []Change  // from head on, in order
	head, bytes     int
}

func weight(c *Change) int { return changeOverhead + len(c.Name) + len(c.Contents) }

// add appends the changes of one transaction and lets the oldest fall off.
func (h *history) add(changes []Change) {
	for i := range changes {
		h.bytes += weight(&changes[i])
	}
	h.changes = append(h.changes, changes...)
	for h.head < len(h.changes) && (len(h.changes)-h.head > h.most || h.bytes > h.mostBytes) {
		oldest := &h.changes[h.head]
		h.floor = oldest.Zxid
		h.bytes -= weight(oldest)
		*oldest = Change{}
		h.head++
	}
	if h.head > len(h.changes)/2 {
		kept := copy(h.changes, h.changes[h.head:])
		clear(h.changes[kept:])
		h.changes, h.head = h.changes[:kept], 0
	}
}

// Since gives the changes after z in zxid order: at least most of them if there are so many, and
// whole transactions, so that the last one's zxid is the next z. ok is false when some of them
// fell off (C9). The slice is good until the next Apply, and not to be changed.
func (t *Tree) Since(z cell.Zxid, most int) (changes []Change, ok bool) {
	h := &t.history
	if z < h.floor {
		return nil, false
	}
	kept := h.changes[h.head:]
	first := sort.Search(len(kept), func(i int) bool { return kept[i].Zxid > z })
	end := min(first+max(most, 1), len(kept))
	for end < len(kept) && kept[end].Zxid == kept[end-1].Zxid {
		end++
	}
	return kept[first:end:end], true
}

// HistoryFrom is the earliest z for which Since is ok.
func (t *Tree) HistoryFrom() cell.Zxid { return t.history.floor }
