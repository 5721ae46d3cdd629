package zab

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Leading is the epoch that proposals bear, while a mastership runs here.
func (c *Core) Leading() (cell.Epoch, bool) {
	if c.dead != "" || c.role != leads || !c.lead.serving {
		return 0, false
	}
	return c.lead.open, true
}

// Leader is whom this replica serves under, itself included; 0: nobody.
func (c *Core) Leader() cell.ReplicaID {
	switch {
	case c.role == leads && c.lead.serving:
		return c.id
	case c.role == follows && c.foll.serving:
		return c.foll.leader
	}
	return 0
}

// Heir is whom this replica, as it last resigned, named to lead next: a hint; 0: nobody, or it has looked
// for a leader anew since.
func (c *Core) Heir() cell.ReplicaID { return c.look.named }

// Epoch is the epoch whose history is here (currentEpoch).
func (c *Core) Epoch() cell.Epoch { return c.saved.CurrentEpoch }

// Last is the end of the history in memory, Durable of what the disk has answered for.
func (c *Core) Last() record.Mark { return c.log.last }

// Durable is the end of the history on disk: what others are told (Z2).
func (c *Core) Durable() record.Mark { return c.log.durable }

// Committed is the highest index known committed here.
func (c *Core) Committed() uint64 { return c.commit }

// Delivered is the end of what Commits has carried.
func (c *Core) Delivered() record.Mark { return c.delivered }

// Standing is whether this directory has a vote, durably.
func (c *Core) Standing() record.Standing { return c.saved.Standing }

// Members is the list in force: the newest in the log, or the file's before there is one.
func (c *Core) Members() cell.Members { return c.lists.newest().Members }

// Changing reports whether a change of members is not known to be committed yet (Z15).
func (c *Core) Changing() bool { return c.changing() }

// Dead is why this replica has ended; "" while it runs.
func (c *Core) Dead() string { return c.dead }

// Quarantined reports whether the state here is not a quorum's (Z14).
func (c *Core) Quarantined() bool { return c.hard.Quarantined }

// Role is the word for status: master, follower, learner, quarantined or looking.
func (c *Core) Role() string {
	switch {
	case c.hard.Quarantined:
		return "quarantined"
	case c.role == leads && c.lead.serving:
		return "master"
	case c.role == follows && c.foll.serving && c.voting():
		return "follower"
	case c.role == follows && c.foll.serving:
		return "learner"
	}
	return "looking"
}

// Peer is what a replica knows of another.
type Peer struct {
	ID        cell.ReplicaID
	Connected bool
	Voter     bool
	Synced    bool   // the leader's view: it serves
	Acked     uint64 // the leader's view: durable there up to this index
	Free      uint64 // bytes free on its disk, as it last said
	Refuses   string // why it refuses this replica, or is refused; "": neither
}

// Peers are all others, by id.
func (c *Core) Peers() []Peer {
	list := make([]Peer, 0, len(c.peers))
	for _, p := range c.peers {
		s := &p.link.stream
		list = append(list, Peer{
			ID: p.id, Connected: p.link.open, Voter: c.hasVote(p), Synced: s.upToDate != 0, Acked: s.acked, Free: p.link.free,
		})
		if p.link.refused {
			list[len(list)-1].Refuses = p.said
		}
	}
	return list
}

// wakeAt is the earliest instant at which time alone changes something.
func (c *Core) wakeAt() lease.Instant {
	if c.dead != "" {
		return lease.Never
	}
	if c.more() {
		return c.now
	}
	at := lease.Never
	for _, p := range c.peers {
		if p.link.again != 0 {
			at = min(at, p.link.again)
		}
	}
	switch {
	case c.role == leads:
		return min(at, c.wakeLeader())
	case c.role == follows:
		return min(at, c.wakeFollower())
	case !c.disk.idle():
		return at
	}
	return min(at, c.wakeLooking())
}

func (c *Core) wakeLooking() lease.Instant {
	at := c.look.next
	if c.look.settled > c.now {
		at = min(at, c.look.settled)
	}
	if c.look.rests > c.now {
		at = min(at, c.look.rests)
	}
	return at
}

func (c *Core) wakeLeader() lease.Instant {
	l := c.lead
	at := min(l.nextPing, c.disk.appendSince().Add(diskPatience), c.behind())
	if l.leaving != "" {
		at = l.leaveBy
	}
	if !l.serving {
		at = max(l.deadline, c.behind())
		if l.stage >= discovering {
			at = min(at, l.nextPing)
		}
		if c.promise.binds(c.id, c.now) {
			at = min(at, c.promise.until)
		}
		for _, p := range c.peers {
			if l.stage == gathering && p.avoid > c.now {
				at = min(at, p.avoid) // it may be a rival then
			}
		}
	}
	return max(at, c.now.Add(wakeFloor))
}

func (c *Core) wakeFollower() lease.Instant {
	f := c.foll
	var at lease.Instant
	switch {
	case f.accepted == 0 && f.offer == 0:
		at = min(f.deadline, f.askAgain)
	case f.accepted == 0:
		at = f.deadline
	default:
		at = f.heard.Add(c.silence())
	}
	if f.offer != 0 && c.promise.binds(f.leader, c.now) {
		at = min(at, c.promise.until)
	}
	return max(at, c.now.Add(wakeFloor))
}

// String is the whole state in a few lines, the same for the same state.
func (c *Core) String() string {
	var b strings.Builder
	const line = "replica %d: %s, standing %d, accepted %d from %d, current %d, " +
		"log %d…%v durable %v, commit %d, delivered %v\n"
	fmt.Fprintf(&b, line,
		c.id, c.Role(), c.saved.Standing, c.saved.AcceptedEpoch, c.saved.AcceptedFrom, c.saved.CurrentEpoch,
		c.log.first, c.log.last, c.log.durable, c.commit, c.delivered)
	switch c.role {
	case leads:
		l := c.lead
		fmt.Fprintf(&b, "  leads: %v epoch %d, open %d, tail %v, held %d\n", l.stage, l.epoch, l.open, l.tail, len(l.held))
	case follows:
		f := c.foll
		fmt.Fprintf(&b, "  follows %d: offer %d accepted %d naming %d named %d serving %v\n",
			f.leader, f.offer, f.accepted, f.naming, f.named, f.serving)
	}
	if c.promise.binds(0, c.now) {
		fmt.Fprintf(&b, "  promised to %d until %v\n", c.promise.to, c.promise.until)
	}
	for _, p := range c.peers {
		s := &p.link.stream
		fmt.Fprintf(&b, "  peer %d: link %d open %v standing %d; asked %d accepted %d named %d next %d acked %d\n",
			p.id, p.link.number, p.link.open, p.standing, s.asked, s.accepted, s.named, s.next, s.acked)
	}
	return b.String()
}
