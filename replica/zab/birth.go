package zab

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// settleStanding finds out, once and durably, whether this directory has a vote (Z11).
func (c *Core) settleStanding() {
	want := c.standing()
	if want != c.hard.Standing {
		c.hard.Standing = want
		c.save()
		c.logf("this directory is %s", [...]string{"unborn", "a voter", "a learner"}[want])
	}
	c.settleAdmission()
}

func (c *Core) standing() record.Standing {
	if c.boundHere() {
		return record.Voter
	}
	switch c.hard.Standing {
	case record.Unborn:
		return c.bornAs()
	case record.Learner:
		if c.sealed() {
			return record.Voter
		}
	case record.Voter:
		if c.unborn() {
			return record.Unborn
		}
		if c.lists.bound() && !c.changing() && !c.named() {
			return record.Learner
		}
	}
	return c.hard.Standing
}

// boundHere reports whether a durable record binds this id to this directory.
func (c *Core) boundHere() bool {
	l := c.lists.newest()
	m, ok := l.Members.Find(c.id)
	return ok && m.Incarnation == c.hard.Incarnation && l.Index <= c.log.durable.Index
}

// named reports whether the list in force leaves this directory its vote.
func (c *Core) named() bool {
	m, ok := c.lists.newest().Members.Find(c.id)
	return ok && (m.Incarnation == 0 || m.Incarnation == c.hard.Incarnation)
}

// bornAs: a voter if every configured replica, asked in this life, has nothing logged either and
// takes the same directories for the same ids; a learner as soon as anybody has a history.
func (c *Core) bornAs() record.Standing {
	if c.log.last.Index > 0 || c.lists.bound() {
		return record.Learner
	}
	if c.sealed() {
		return record.Voter
	}
	all := true
	for _, p := range c.peers { // those of the file may all have been replaced
		if h := p.link.hello; h != nil && p.stranger && (h.Begun || h.Last.Index > 0) {
			return record.Learner
		}
	}
	for _, m := range c.members {
		p := c.peer(m.ID)
		if m.ID == c.id {
			continue
		}
		switch h := p.link.hello; {
		case h == nil || !p.link.welcomed:
			all = false
		case h.Begun || h.Last.Index > 0 || h.Standing == record.Learner:
			return record.Learner
		case !slices.Equal(h.Heard, c.names(nil)):
			all = false
		}
	}
	if all {
		return record.Voter
	}
	return record.Unborn
}

// agreed reports whether a voter by birth may promise its first epoch: when all have become voters, of one
// mind about who is who, one of that mind has promised already, or one has been named by a committed
// list. Else, where two directories come with one id, each could find voters for a quorum of its own.
func (c *Core) agreed() bool {
	if c.saved.Standing != record.Voter || c.hard.AcceptedEpoch != 0 || c.log.last.Index > 0 || c.lists.bound() ||
		c.seal() != nil {
		return true
	}
	if slices.ContainsFunc(c.peers, func(p *peer) bool {
		return p.link.hello != nil && !p.link.refused && p.link.hello.Admitted
	}) {
		return true
	}
	mind := c.names(nil)
	return !slices.ContainsFunc(c.members, func(m cell.Member) bool {
		h := c.helloOf(m.ID)
		return m.ID != c.id && (h == nil || h.Standing != record.Voter || !slices.Equal(h.Heard, mind))
	})
}

// helloOf is what a replica said last on a link that stands; nil: nothing.
func (c *Core) helloOf(id cell.ReplicaID) *Hello {
	p := c.peer(id)
	if p == nil || p.link.refused {
		return nil
	}
	return p.link.hello
}

// seal is the birth that this directory has taken part in, as a voter by birth remembers it who
// cannot go back: it has accepted an epoch. That one became a voter when all, this very directory too,
// had nothing logged and named the same; so a disk that is lost between then and the first
// committed list costs the cell no more than that one vote.
func (c *Core) seal() *Hello {
	if c.lists.bound() || c.log.last.Index > 0 {
		return nil
	}
	for _, p := range c.peers {
		h := p.link.hello
		if h == nil || p.link.refused || h.Standing != record.Voter || !h.Promised || h.Admitted ||
			!slices.Contains(h.Heard, Name{c.id, c.saved.Incarnation}) {
			continue
		}
		if c.saved.Standing != record.Voter || slices.Equal(h.Heard, c.names(nil)) {
			return h
		}
	}
	return nil
}

// sealed takes the directories of that birth for the ids that they had in it.
func (c *Core) sealed() bool {
	h := c.seal()
	if h == nil {
		return false
	}
	seen := slices.DeleteFunc(slices.Clone(c.hard.Seen), func(s record.Seen) bool {
		return slices.ContainsFunc(h.Heard, func(n Name) bool { return n.ID == s.ID && n.Incarnation != s.Incarnation })
	})
	for _, n := range h.Heard {
		if n.ID != c.id && c.bootOf(n.ID, n.Incarnation) == 0 {
			seen = append(seen, record.Seen{ID: n.ID, Incarnation: n.Incarnation, Boot: 1})
		}
	}
	c.hard.Seen = sortSeen(seen)
	return true
}

// unborn reports whether a voter that never accepted an epoch finds that another directory has
// taken a peer's place since: nothing was promised yet, so all ask each other again.
func (c *Core) unborn() bool {
	if c.hard.AcceptedEpoch != 0 || c.hard.Begun || c.log.last.Index > 0 || c.lists.bound() || c.seal() != nil {
		return false
	}
	for _, p := range c.peers {
		h := p.link.hello
		if h != nil && !p.stranger && h.Standing == record.Unborn && h.Incarnation != c.seenAs(p.id) {
			return true
		}
	}
	return false
}

// Heard is the configured members with the directories heard: what the first transaction binds.
// 0 where nobody was heard.
func (c *Core) Heard() cell.Members {
	list := slices.Clone(c.members)
	for i := range list {
		if list[i].ID == c.id {
			list[i].Incarnation = c.saved.Incarnation
		} else {
			list[i].Incarnation = c.takenFor(list[i].ID)
		}
	}
	return list
}

// IsBound reports whether a list in the log binds every member to a directory.
func (c *Core) IsBound() bool {
	if !c.lists.bound() {
		return false
	}
	return !slices.ContainsFunc(c.lists.newest().Members, func(m cell.Member) bool { return m.Incarnation == 0 })
}
