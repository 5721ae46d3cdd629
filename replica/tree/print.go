package tree

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// String shows the whole tree, sorted, a line an element, for scripts and traces. It is no
// format.
func (t *Tree) String() string {
	var b strings.Builder
	if !t.Born() {
		fmt.Fprintf(&b, "not born, at %v\n", t.mark)
		return b.String()
	}
	fmt.Fprintf(&b, "cell %s at %v, %d members\n", t.cell, t.mark, len(t.members))
	t.eachNode("", func(n *node) bool {
		fmt.Fprintf(&b, "%s\n", n)
		return true
	})
	t.sessions.Scan(func(_ cell.SessionID, x *session) bool {
		fmt.Fprintf(&b, "%s\n", x)
		return true
	})
	t.locks.Scan(func(_ cell.Name, l *lock) bool {
		fmt.Fprintf(&b, "%s\n", l)
		return true
	})
	return b.String()
}

// String shows a node: its generations, instance and last change as zxids.
func (n *node) String() string {
	x := n.extras()
	s := fmt.Sprintf("%s %q gen %d/%d instance %v zxid %v", n.name, shorten(n.contents), n.contentGeneration,
		x.childrenGeneration, cell.Zxid(n.instance), n.zxid)
	if x.children > 0 || x.sequence > 0 {
		s += fmt.Sprintf(" children %d seq %d", x.children, x.sequence)
	}
	if x.lockGeneration > 0 {
		s += fmt.Sprintf(" lockgen %d", x.lockGeneration)
	}
	if x.lasting.Container {
		s += " container"
	}
	if x.lasting.TTL != 0 {
		s += fmt.Sprintf(" ttl %v", lease.Duration(x.lasting.TTL))
		if x.aged != 0 {
			s += fmt.Sprintf(" from %v", x.aged)
		}
	}
	if x.acl != nil {
		s += fmt.Sprintf(" acl %s/%s/%s gen %d", x.acl.Read, x.acl.Write, x.acl.Change, x.aclGeneration)
	}
	if x.owner != 0 {
		s += fmt.Sprintf(" of %v", cell.Zxid(x.owner))
	}
	return s
}

func shorten(b []byte) string {
	if len(b) > 40 {
		return string(b[:40]) + "…"
	}
	return string(b)
}

// String shows a session, and the calls that it has records of.
func (x *session) String() string {
	s := fmt.Sprintf("session %v %s last %d acked %d", cell.Zxid(x.id), x.identity, x.lastCall, x.acked)
	if x.caching {
		s += " caching"
	}
	if x.ended {
		s += " ended: " + x.why
	}
	for _, a := range x.answers {
		s += fmt.Sprintf(" %d=%s", a.call, a.result.Code)
	}
	return s
}

// String shows a lock: holders, delays and waiters.
func (l *lock) String() string {
	s := fmt.Sprintf("lock %s %s", l.name, l.held())
	for _, h := range l.holders {
		s += fmt.Sprintf(" [%v of %v token %v", cell.Zxid(h.number), cell.Zxid(h.session), cell.Zxid(h.token))
		if h.loss.Taken() {
			s += ", " + h.loss.String()
		}
		s += "]"
	}
	for _, d := range l.delays {
		s += fmt.Sprintf(" delay %v %v", cell.Zxid(d.token), d.length)
		if d.shared {
			s += " (shared)"
		}
	}
	for _, h := range l.queue {
		s += fmt.Sprintf(" waits %v of %v %s", cell.Zxid(h.number), cell.Zxid(h.session), h.mode)
	}
	return s
}
