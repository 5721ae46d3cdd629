package zab

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// peer is another replica as this one knows it. What lies in link holds for one link only.
type peer struct {
	id          cell.ReplicaID
	incarnation cell.Incarnation // as last heard
	standing    record.Standing
	life        uint32           // counts the incarnations heard: a vote is of one of them
	before      cell.Incarnation // of the link that ended last,
	parted      lease.Instant    // and when it did
	said        string           // of its refusal, to say it once
	quarantined bool             // it says so (Z14)
	differs     bool             // its report is not what a quorum reported; a leader's knowledge
	stranger    bool             // in no list, nor in the file: forgotten when its link ends
	avoid       lease.Instant
	link        link
}

// link is the state of one connection. Its zero value: none.
type link struct {
	number   uint64
	hello    *Hello // the newest
	told     *Hello // the newest we said
	welcomed bool   // we answered its hello: it is heard
	open     bool   // it answered ours: it hears us
	refused  bool
	again    lease.Instant // refused by the peer: until then this link is kept, and no other tried
	status   *Status
	heard    lease.Instant // of status
	stream   stream        // it follows us
	free     uint64
}

// key names the vote of the peer's present incarnation to lease.Mastership; ballot that of life 0,
// which no peer that was heard is in: this replica's own.
func (p *peer) key() uint64 { return ballot(p.id) | uint64(p.life) }

func ballot(id cell.ReplicaID) uint64 { return uint64(id) << 32 }

func (c *Core) peer(id cell.ReplicaID) *peer {
	for _, p := range c.peers {
		if p.id == id {
			return p
		}
	}
	return nil
}

// syncPeers knows everybody whom the file or a list names; none of them is forgotten.
func (c *Core) syncPeers() {
	add := func(list cell.Members) {
		for _, m := range list {
			if m.ID == c.id {
				continue
			}
			p := c.peer(m.ID)
			if p == nil {
				p = &peer{id: m.ID}
				c.peers = append(c.peers, p)
			}
			p.stranger = false
		}
	}
	add(c.members)
	for i := range c.lists.all {
		add(c.lists.all[i].Members)
	}
	c.sortPeers()
}

func (c *Core) sortPeers() {
	slices.SortFunc(c.peers, func(a, b *peer) int { return int(a.id) - int(b.id) })
}

// meet makes room for a replica in no list, a newcomer or one that was removed long ago; nil: there
// is none. Those whose links have ended are forgotten for it (B1).
func (c *Core) meet(id cell.ReplicaID) *peer {
	here, strangers := make([]*peer, 0, len(c.peers)+1), 0
	for _, p := range c.peers {
		if p.stranger && p.link.number == 0 {
			continue
		}
		if p.stranger {
			strangers++
		}
		here = append(here, p)
	}
	c.peers = here
	if id == 0 || id == c.id || strangers >= maxStrangers {
		return nil
	}
	p := &peer{id: id, stranger: true}
	c.peers = append(c.peers, p)
	c.sortPeers()
	return p
}

func (c *Core) linkUp(in LinkUp) {
	p := c.peer(in.Peer)
	if p == nil {
		p = c.meet(in.Peer)
	}
	if p == nil {
		c.event(DropLink{in.Peer, in.Link, "too many replicas that are in no list"})
		return
	}
	if in.Link <= p.link.number {
		return
	}
	if p.link.number != 0 {
		c.linkDown(p.id, p.link.number, "a new link took its place")
	}
	p.link = link{number: in.Link} // the hello follows in settleHellos
}

func (c *Core) linkDown(id cell.ReplicaID, number uint64, why string) {
	p := c.peer(id)
	if p == nil || p.link.number != number {
		return
	}
	if h := p.link.hello; h != nil && !p.link.refused {
		p.before, p.parted = h.Incarnation, c.now
	}
	p.link = link{}
	if c.role == follows && c.foll.leader == id {
		c.enterLooking(fmt.Sprintf("leader %d is gone: %s", id, why))
	}
}

// drop closes a link from our side: its peer spoke nonsense or fell silent (B1).
func (c *Core) drop(p *peer, why string) {
	if p.link.number == 0 {
		return
	}
	n := p.link.number
	c.event(DropLink{p.id, n, why})
	c.linkDown(p.id, n, why)
}

// send hands m to p's link; before the peer has welcomed us only what opens the link.
func (c *Core) send(p *peer, m Message) {
	if p.link.number == 0 {
		return
	}
	c.out.Sends = append(c.out.Sends, Send{p.id, p.link.number, m})
}

func (c *Core) received(in Received) {
	p := c.peer(in.From)
	if p == nil || p.link.number != in.Link || p.link.refused {
		return
	}
	if why := in.Msg.Invalid(); why != "" {
		c.drop(p, why)
		return
	}
	switch m := in.Msg.(type) {
	case *Hello:
		c.heardHello(p, m)
	case *Welcome:
		p.link.open, p.said = true, ""
		c.sayStatus(p)
	case *Refused:
		c.wasRefused(p, m)
	default:
		if p.link.welcomed {
			c.dispatch(p, in.Msg)
		}
	}
}

// wasRefused ends the link, to try again later, or this replica, where the refusal is for good.
func (c *Core) wasRefused(p *peer, m *Refused) {
	c.sayOnce(p, "replica %d refuses this one: %s", p.id, m.Why)
	switch {
	case m.Copied:
		c.wasCopied()
	case m.Removed:
		c.wasRemoved()
	default:
		p.link.refused, p.link.again = true, c.now.Add(c.d)
	}
}

// sayOnce logs what each try with p would say again.
func (c *Core) sayOnce(p *peer, format string, args ...any) {
	if line := fmt.Sprintf(format, args...); line != p.said {
		p.said = line
		c.logf("%s", line)
	}
}

// dispatch is the list of everything that replicas who know each other say.
func (c *Core) dispatch(p *peer, m Message) {
	switch m := m.(type) {
	case *Status:
		c.heardStatus(p, m)
	case *FollowerInfo:
		c.heardInfo(p, m)
	case *AckEpoch:
		c.heardAckEpoch(p, m)
	case *SnapshotDurable:
		c.heardSnapshotDurable(p, m)
	case *AckNewLeader:
		c.heardAckNewLeader(p, m)
	case *Progress:
		c.heardDurable(p, m.Epoch, m.Index, false)
	case *Ack:
		c.heardDurable(p, m.Epoch, m.Index, true)
		c.heardReport(p, m)
	case *Pong:
		c.heardPong(p, m)
	case *Release:
		c.heardRelease(p, m)
	default:
		if c.role == follows && c.foll.leader == p.id {
			c.heardLeader(p, m)
		}
	}
}
