package tree

import (
	"github.com/leasehold/leasehold/cell"
)

// Part is a part of the tree. The numbers are part of the format.
type Part uint8

const (
	partSessions Part = iota // with the records of their calls
	partNodes
	partLocks // with their holds, waiters and delays
	partQuotas

	parts
)

// Place is where a stretch of the tree begins: at the first element of its part that is not before
// Session or Name. The zero Place is the beginning.
type Place struct {
	Part    Part
	Session cell.SessionID
	Name    cell.Name
}

// reread is a stretch being read.
type reread struct {
	t               *Tree
	sum             hash
	elements, bytes int   // that may still be read
	next            Place // where it stopped
}

// Reread hashes a bounded stretch of the tree from memory as it is now, with the indexes that lead to
// it (L8), and says where the next one begins: from stretch to stretch everything is read, again and
// again. It is equal on replicas whose trees are; what has rotted since it was written shows (Z14).
func (t *Tree) Reread(from Place) (uint64, Place) {
	r := reread{t: t, sum: seedReread, elements: rereadElements, bytes: rereadBytes}
	whole := true
	switch from.Part {
	case partSessions:
		whole = r.sessions(from.Session) && r.nodes("") && r.locks("") && r.quotas("")
	case partNodes:
		whole = r.nodes(from.Name) && r.locks("") && r.quotas("")
	case partLocks:
		whole = r.locks(from.Name) && r.quotas("")
	case partQuotas:
		whole = r.quotas(from.Name)
	}
	if whole {
		r.next = Place{}
	}
	return uint64(r.sum), r.next
}

// Report is what is reported at a point of the history (Z14): the digest of what was put into the tree,
// and what a stretch of it reads as.
func (t *Tree) Report(from Place) (uint64, Place) {
	stretch, next := t.Reread(from)
	return uint64(hash(t.Digest()).number(stretch)), next
}

// spent reports whether no more is to be read; at is where the next stretch begins then.
func (r *reread) spent(at Place) bool {
	if r.elements > 0 && r.bytes > 0 {
		return false
	}
	r.next = at
	return true
}

func (r *reread) take(element uint64) {
	r.sum = r.sum.number(element)
	r.elements--
}

func (r *reread) sessions(from cell.SessionID) (whole bool) {
	whole = true
	r.t.sessions.Ascend(from, func(id cell.SessionID, x *session) bool {
		if r.spent(Place{Part: partSessions, Session: id}) {
			whole = false
			return false
		}
		r.sum = r.sum.number(uint64(id)).number(x.sum).flag(r.t.keys[x.keyHash] == id)
		own := r.t.tiesOf(id)
		r.sum = r.sum.number(uint64(own.ephemerals.Len())).number(uint64(own.holds.Len()))
		r.take(x.hash())
		for _, a := range x.answers {
			r.sum = r.sum.number(a.sum)
			r.take(a.hash(id))
		}
		return true
	})
	return whole
}

func (r *reread) nodes(from cell.Name) (whole bool) {
	whole = true
	r.t.eachNode(from, func(n *node) bool {
		if r.spent(Place{Part: partNodes, Name: n.name}) {
			whole = false
			return false
		}
		r.sum = r.sum.text(string(n.name)).number(n.hash())
		if n.extra != nil {
			r.sum = r.sum.flag(r.t.perishables.Contains(n.name))
		}
		r.take(n.found())
		r.bytes -= len(n.contents)
		return true
	})
	return whole
}

func (r *reread) locks(from cell.Name) (whole bool) {
	whole = true
	r.t.locks.Ascend(from, func(name cell.Name, l *lock) bool {
		if r.spent(Place{Part: partLocks, Name: name}) {
			whole = false
			return false
		}
		r.sum = r.sum.text(string(name))
		for _, holds := range [2][]*hold{l.holders, l.queue} {
			r.sum = r.sum.number(uint64(len(holds)))
			for _, h := range holds {
				r.sum = r.sum.number(h.sum)
				r.take(h.hash(l))
			}
		}
		for _, d := range l.delays {
			r.take(d.hash(l))
		}
		return true
	})
	return whole
}

func (r *reread) quotas(from cell.Name) (whole bool) {
	whole = true
	r.t.quotas.Ascend(from, func(name cell.Name, q cell.Quota) bool {
		if r.spent(Place{Part: partQuotas, Name: name}) {
			whole = false
			return false
		}
		r.sum = r.sum.text(string(name))
		r.take(hashQuota(&q))
		return true
	})
	return whole
}
