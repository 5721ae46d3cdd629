package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// Files that are made once and never changed: bits may flip in them, and what is read is known.
const (
	keepPrefix = "/ls/local/keep"
	keepers    = 3
)

func (c *Cell) keepName() cell.Name {
	return cell.Name(fmt.Sprintf("%s%d", keepPrefix, c.loop.Below(keepers)))
}

func kept(name cell.Name) bool { return strings.HasPrefix(string(name), keepPrefix) }

func keptContents(name cell.Name) string { return "what stands in " + string(name) }

// tend makes such a file, or reads it at the master or at any replica.
func (v *visit) tend() {
	c := v.u.cell
	name := c.keepName()
	switch c.loop.Below(3) {
	case 0:
		v.mutate(&call.Create{Name: string(name), Contents: []byte(keptContents(name))}, func(session.Done) {})
	case 1:
		v.dialReplica(&replicaRead{name: name})
	default:
		v.last++
		v.busy++
		v.asked[v.last] = func(session.Done) { v.busy-- }
		v.push(session.Ask{ID: v.last, Ask: &call.Read{Name: name}})
	}
}

// judge looks at what a machine says in this step of what those files hold.
func (w *whole) judge(e *effects) {
	for _, s := range e.Clients {
		switch m := s.Msg.(type) {
		case *call.QueryReply:
			if m.Node != nil {
				w.says(m.Node.Stat.Name, m.Node.Contents)
			}
		case *call.Events:
			for i := range m.Events {
				w.says(m.Events[i].Name, m.Events[i].Contents)
			}
		}
	}
}

// says: what is wrong may leave only a machine in which a bit has flipped, and which has not been found
// yet (Z14).
func (w *whole) says(name cell.Name, contents []byte) {
	if !kept(name) || len(contents) == 0 {
		return
	}
	c := w.cell
	c.counters.Kept++
	switch {
	case string(contents) == keptContents(name):
	case w.machine.flipped && !w.replica.Quarantined():
		c.counters.WrongReads++
	default:
		c.court.Fail("Z14", "machine %d says that %s holds %q; flipped %v, quarantined %v", w.node, name, contents,
			w.machine.flipped, w.replica.Quarantined())
	}
}

// flips lets bits flip in trees, until everything heals.
func (c *Cell) flips() {
	if c.swarm.Flips == 0 || c.healed {
		return
	}
	c.loop.After(c.loop.Between(0, 2*c.swarm.Flips), func() {
		if !c.healed {
			c.flip()
			c.flips()
		}
	})
}

// flip flips a bit in one tree, as long as all the others are sound: what a quorum has is right.
func (c *Cell) flip() {
	m := c.drawMember()
	if c.loop.Chance(400_000) {
		for _, o := range c.machines {
			if o.life != nil && o.life.brain != nil && o.life.brain.holds(o.now()) {
				m = o
			}
		}
	}
	if m == nil || m.life == nil || m.life.brain == nil || !m.votes() || !c.othersVote(m) ||
		c.doubled() || c.swap != nil ||
		slices.ContainsFunc(c.machines, func(o *Machine) bool { return o.rotten() || o.disk.knows.Quarantined }) {
		return
	}
	leads, what := m.life.brain.holds(m.now()), ""
	switch b := m.life.brain.(type) {
	case *bare:
		m.life.push(zab.Quarantine{Why: "a fault says so"})
		what = "state"
	case *whole:
		kind := tree.Rotten(c.loop.Below(2))
		if c.swarm.Replicas > 3 && !leads && c.loop.Chance(300_000) {
			kind = tree.RotLock
		}
		what = b.replica.Tree().Rot(kind, c.keepName(), c.loop.Number())
	}
	if what == "" {
		return
	}
	m.flipped, m.flips = true, m.flips+1
	c.counters.Flips++
	if leads {
		c.counters.MasterFlips++
	}
	c.loop.Say("a bit flips in machine %d: %s", m.node, what)
}

// rotten reports whether a bit that flipped is still in the machine's tree: it may have gone with a lock
// that went, and was never found then.
func (m *Machine) rotten() bool {
	if m.flipped && m.life != nil {
		if w, ok := m.life.brain.(*whole); ok && w.replica.Tree().Check() == nil {
			m.replaced(w.replica.Tree())
		}
	}
	return m.flipped
}

// replaced: the machine's tree is another one, read from a disk. It may have been written after the bit
// had flipped.
func (m *Machine) replaced(t *tree.Tree) {
	sound := m.cell.history.Sound(t.Mark().Index, t.Digest())
	if m.flipped && sound && !m.disk.knows.Quarantined {
		m.cell.loop.Say("machine %d has a sound tree again, at %v", m.node, t.Mark())
	}
	m.flipped = !sound
}

// restored: a snapshot of another machine has replaced the tree.
func (m *Machine) restored(l *life) {
	if m.flipped || m.disk.knows.Quarantined {
		m.cell.counters.Rebuilt++
	}
	m.flipped = false
	if w, ok := l.brain.(*whole); ok {
		m.replaced(w.replica.Tree())
	}
}

// marked counts what the markers announce.
func (c *Cell) marked(o *tree.Marker) {
	c.counters.Markers++
	if o.Agreed != 0 {
		c.counters.Agreements++
	}
	if o.Disputed {
		c.counters.Disputes++
	}
}
