package tree

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

const (
	changeOverhead = 256 // bytes that a change counts for beside its name and contents
	leastStretch   = 16  // changes for which memory is taken at once
	mostStretch    = 512
)

// history keeps the latest changes, bounded by count and bytes. It is in no snapshot and no
// digest: each replica has its own.
type history struct {
	most, mostBytes int
	floor           cell.Zxid // the changes after it are all kept
	stretches       [][]past  // in order, none empty but the only one; a transaction is whole in one of them
	head            int       // of the first stretch, so many have fallen off
	count, bytes    int
}

// past is a Change as it is kept: packed, and large contents shared with the tree.
type past struct {
	name                                                           cell.Name
	contents                                                       []byte
	zxid, changed                                                  cell.Zxid
	instance, contentGeneration, aclGeneration, childrenGeneration uint64
	checksum                                                       uint64
	owner                                                          cell.SessionID
	created, modified                                              int64
	size, children                                                 int32
	more                                                           *pastMore // nil: nothing of that
	kind                                                           call.EventKind
}

// pastMore is what few changes have.
type pastMore struct {
	ttl       int64
	container bool
	acl, was  *cell.ACL
}

func pack(c *Change) past {
	s := &c.Stat
	p := past{name: c.Name, contents: c.Contents, zxid: c.Zxid, changed: s.Zxid, instance: s.Instance,
		contentGeneration: s.ContentGeneration, aclGeneration: s.ACLGeneration,
		childrenGeneration: s.ChildrenGeneration, checksum: s.Checksum, owner: s.EphemeralOwner,
		created: s.Created.UnixNano(), modified: s.Modified.UnixNano(),
		size: int32(s.Size), children: int32(s.Children), kind: c.Kind}
	if s.TTL != 0 || s.Container || c.ACL != nil || c.Was != nil {
		p.more = &pastMore{int64(s.TTL), s.Container, c.ACL, c.Was}
	}
	return p
}

func (p *past) change() Change {
	more := p.more
	if more == nil {
		more = &pastMore{}
	}
	return Change{ACL: more.acl, Was: more.was, Event: call.Event{Kind: p.kind, Name: p.name, Zxid: p.zxid,
		Contents: p.contents, Stat: cell.Stat{
			Name: p.name, Instance: p.instance, ContentGeneration: p.contentGeneration, ACLGeneration: p.aclGeneration,
			ChildrenGeneration: p.childrenGeneration, Checksum: p.checksum, Size: int(p.size),
			Children: int(p.children), EphemeralOwner: p.owner, Created: cell.Wall(p.created),
			Modified: cell.Wall(p.modified), Zxid: p.changed, Container: more.container, TTL: cell.Span(more.ttl)}}}
}

func (p *past) weight() int { return changeOverhead + len(p.name) + len(p.contents) }

// add appends the changes of one transaction and lets the oldest fall off.
func (h *history) add(changes []Change) {
	if len(changes) == 0 {
		return
	}
	n := len(h.stretches)
	if n == 0 || cap(h.stretches[n-1])-len(h.stretches[n-1]) < len(changes) {
		if n > 0 && len(h.stretches[n-1]) == 0 { // all has fallen off: none may stand empty before another
			h.stretches = h.stretches[:n-1]
		}
		h.stretches = append(h.stretches, make([]past, 0, max(leastStretch, min(h.count, mostStretch), len(changes))))
		n = len(h.stretches)
	}
	last := &h.stretches[n-1]
	for i := range changes {
		*last = append(*last, pack(&changes[i]))
		h.bytes += (*last)[len(*last)-1].weight()
	}
	h.count += len(changes)
	for h.count > h.most || h.bytes > h.mostBytes {
		h.fallOff()
	}
}

// fallOff lets the oldest change go.
func (h *history) fallOff() {
	first := h.stretches[0]
	h.floor = first[h.head].zxid
	h.bytes -= first[h.head].weight()
	first[h.head] = past{}
	h.count--
	if h.head++; h.head < len(first) {
		return
	}
	h.head, h.stretches[0] = 0, first[:0]
	if len(h.stretches) > 1 {
		h.stretches[0] = nil
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
	at := sort.Search(len(h.stretches), func(i int) bool {
		n := len(h.stretches[i])
		return n == 0 || h.stretches[i][n-1].zxid > z
	})
	for ; at < len(h.stretches); at++ {
		kept := h.stretches[at]
		if at == 0 {
			kept = kept[h.head:]
		}
		for i := sort.Search(len(kept), func(i int) bool { return kept[i].zxid > z }); i < len(kept); i++ {
			if n := len(changes); n >= max(most, 1) && changes[n-1].Zxid != kept[i].zxid {
				return changes, true
			}
			changes = append(changes, kept[i].change())
		}
	}
	return changes, true
}

// HistoryFrom is the earliest z for which Since is ok.
func (t *Tree) HistoryFrom() cell.Zxid { return t.history.floor }
