package zab

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// checks own the truth: one canonical history, one leader per epoch, one holder per instant.
type checks struct {
	w       *world
	history []record.Record // by index-1: the first delivery of each
	leaders map[cell.Epoch]cell.ReplicaID
	order   map[string]int // by mastership: the number of its newest proposal delivered

	replays                                bool // what is heard is not honest: links are dropped for it
	rolled, snaps, follows, drops, masters int
}

func newChecks(w *world) *checks {
	return &checks{w: w, leaders: map[cell.Epoch]cell.ReplicaID{}, order: map[string]int{}}
}

// applied compares each delivery with the canonical history: same, and without a gap.
func (k *checks) applied(n *node, r record.Record) {
	if r.Index != n.app.applied.Index+1 {
		k.w.fail("r%d applies %v after %v", n.id, r.Mark(), n.app.applied)
	}
	if d := n.disk.last(); d.Index < r.Index {
		k.w.fail("r%d applies %v, durable is %v", n.id, r.Mark(), d)
	}
	if int(r.Index) <= len(k.history) {
		if c := k.history[r.Index-1]; c.Zxid != r.Zxid || string(c.Payload) != string(r.Payload) {
			k.w.fail("r%d applies %v %q, committed was %v %q", n.id, r.Mark(), r.Payload, c.Mark(), c.Payload)
		}
		return
	}
	if int(r.Index) != len(k.history)+1 {
		k.w.fail("r%d applies %v first, %d are committed", n.id, r.Mark(), len(k.history))
	}
	k.history = append(k.history, r)
	if r.Kind == record.Normal {
		k.inOrder(r)
	}
}

// inOrder: a mastership's proposals commit in its order, without a gap.
func (k *checks) inOrder(r record.Record) {
	var epoch string
	var number int
	if _, err := fmt.Sscan(string(r.Payload), &epoch, &number); err != nil {
		k.w.fail("payload %q", r.Payload)
	}
	if number != k.order[epoch]+1 {
		k.w.fail("proposal %d of mastership %s committed after %d", number, epoch, k.order[epoch])
	}
	k.order[epoch] = number
}

// leading: one leader per epoch, with everything committed before delivered.
func (k *checks) leading(n *node, e cell.Epoch) {
	if l, ok := k.leaders[e]; ok {
		k.w.fail("r%d leads epoch %d, r%d did", n.id, e, l)
	}
	k.leaders[e] = n.id
	k.masters++
	if int(n.app.applied.Index) < len(k.history) {
		k.w.fail("r%d leads epoch %d with %v applied, %d are committed", n.id, e, n.app.applied, len(k.history))
	}
}

// dropped: among replicas that follow the protocol nobody ever speaks nonsense.
func (k *checks) dropped(n *node, e DropLink) {
	if k.drops++; k.replays {
		return
	}
	for _, why := range []string{"silent", "could not be sent", "serve", "begins at", "has no place in the log",
		"it refuses this replica"} {
		if strings.Contains(e.Why, why) {
			return
		}
	}
	k.w.fail("r%d drops its link to %d: %s", n.id, e.Peer, e.Why)
}

// holders: at no instant of true time do two replicas hold the mastership.
func (k *checks) holders() {
	var holder *node
	for _, n := range k.w.nodes {
		if n.core == nil || n.core.role != leads {
			continue
		}
		if now := n.clock(); n.core.Lease(now) > now {
			if holder != nil {
				k.w.fail("r%d and r%d hold the mastership", holder.id, n.id)
			}
			holder = n
		}
	}
}

// recounted says in what the lease that a leader goes by differs from one counted from the beginning,
// now: nothing, whatever list, quarantine, vote or length has just changed (L9, Z14, Z15).
func recounted(c *Core) string {
	if c == nil || c.role != leads || c.lead.changed {
		return "" // nobody, or about to be counted anew
	}
	if v := c.voters(); len(v.New) == 1 || len(v.Old) == 1 {
		return "" // who is a quorum alone counts as having answered now, so each count is another
	}
	l := *c.lead
	defer func(stands *leading) { c.lead = stands }(c.lead)
	c.lead = &l
	l.changed = true
	if had, has := l.until, c.backing(c.now); had != has {
		return fmt.Sprintf("goes by a lease until %d, by those who count now it is %d", had, has)
	}
	return ""
}

// out checks that nothing is said before it is on disk (Z1, Z2, Z4, L3).
func (k *checks) out(n *node) {
	if why := recounted(n.core); why != "" {
		k.w.fail("r%d %s", n.id, why)
	}
	d := &n.disk
	for _, s := range n.out.Sends {

		ok := true
		switch m := s.Msg.(type) {
		case *Hello:
			ok = m.Standing == d.hard.Standing && m.Last.Index <= d.last().Index
		case *NewEpoch:
			ok = d.hard.AcceptedEpoch >= m.Epoch
		case *AckEpoch:
			ok = d.hard.AcceptedEpoch == m.Epoch && d.hard.AcceptedFrom == s.To
		case *AckNewLeader:
			ok = d.hard.CurrentEpoch == m.Epoch && d.last().Index >= m.Last.Index
		case *Ack:
			ok = d.hard.CurrentEpoch == m.Epoch && d.last().Index >= m.Index && d.hard.Begun && d.epochAt(m.Index) <= m.Epoch
		case *FollowerInfo:
			ok = d.last() == m.Last && d.hard.AcceptedEpoch == m.Accepted
		case *Pong:
			ok = !m.Promised || (d.hard.AcceptedFrom == s.To && d.hard.LongestPromise > 0 && d.hard.Standing == record.Voter)
		}
		if !ok {
			k.w.fail("r%d says %T %+v, on disk is %+v, log %v", n.id, s.Msg, s.Msg, d.hard, d.last())
		}
	}
}

// recode passes a message through its bytes.
func (k *checks) recode(m Message) Message {
	back, err := Decode(Encode(m))
	if err != nil {
		k.w.fail("%T does not come back: %v", m, err)
	}
	return back
}
