package tree

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// Rotten is what Rot damages.
type Rotten uint8

// What Rot damages.
const (
	RotContents Rotten = iota // of a node
	RotStat                   // of a node: when it was modified
	RotSession                // when a session was made
	RotLock                   // when a hold was asked for

	// RotKinds is how many there are.
	RotKinds
)

// Rot flips one bit of the tree in memory, as failing memory does, and says which; "" where there is
// nothing of that kind. Nodes are those below prefix; pick chooses among them, and the bit. Nothing but
// tests of Z14 may call it.
func (t *Tree) Rot(what Rotten, prefix cell.Name, pick uint64) string {
	bit := pick % 8
	switch what {
	case RotContents, RotStat:
		n := t.pickNode(prefix, pick, what == RotContents)
		if n == nil {
			return ""
		}
		if what == RotContents {
			n.contents = n.own()
			n.contents[pick%uint64(len(n.contents))] ^= 1 << bit
			t.putNode(n)
			return fmt.Sprintf("contents of %s", n.name)
		}
		n.modified ^= 1 << bit
		t.putNode(n)
		return fmt.Sprintf("stat of %s", n.name)
	case RotSession:
		if t.sessions.Len() > 0 {
			_, x, _ := t.sessions.GetAt(int(pick % uint64(t.sessions.Len())))
			x.created ^= 1 << bit
			return fmt.Sprintf("session %v", x.id)
		}
	case RotLock:
		if t.locks.Len() > 0 {
			_, l, _ := t.locks.GetAt(int(pick % uint64(t.locks.Len())))
			for _, h := range append(l.holders[:len(l.holders):len(l.holders)], l.queue...) {
				h.asked ^= 1 << bit
				return fmt.Sprintf("lock of %s", l.name)
			}
		}
	}
	return ""
}

func (t *Tree) pickNode(prefix cell.Name, pick uint64, filled bool) *node {
	var all []*node
	t.eachNode(prefix, func(n *node) bool {
		if !prefix.Covers(n.name) {
			return strings.HasPrefix(string(n.name), string(prefix))
		}
		if len(n.contents) > 0 || !filled {
			one := *n
			all = append(all, &one)
		}
		return true
	})
	if len(all) == 0 {
		return nil
	}
	return all[pick%uint64(len(all))]
}
