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
	life        uint32 // counts the incarnations heard: a vote is of one of them
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

// syncPeers knows everybody whom the file or a list names; nobody is forgotten.
func (c *Core) syncPeers() {
	add := func(list cell.Members) {
		for _, m := range list {
			if m.ID != c.id && c.peer(m.ID) == nil {
				c.peers = append(c.peers, &peer{id: m.ID})
			}
		}
	}
	add(c.members)
	for i := range c.lists.all {
		add(c.lists.all[i].Members)
	}
	slices.SortFunc(c.peers, func(a, b *peer) int { return int(a.id) - int(b.id) })
}

func (c *Core) linkUp(in LinkUp) {
	p := c.peer(in.Peer)
	if p == nil || in.Link <= p.link.number {
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
		p.link.open = true
		c.sayStatus(p)
	case *Refused:
		p.link.refused = true
		c.logf("replica %d refuses this one: %s", p.id, m.Why)
		if m.Copied {
			c.wasCopied()
		}
	default:
		if p.link.welcomed {
			c.dispatch(p, in.Msg)
		}
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
