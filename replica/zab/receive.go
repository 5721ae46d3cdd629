package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// heardDiff begins a stream at a common mark; what lies above it here goes (Z5).
func (c *Core) heardDiff(p *peer, m *Diff) {
	f := c.foll
	mine, ok := c.log.mark(m.After.Index)
	switch {
	case m.Epoch != f.accepted || f.base != baseNone:
		c.drop(p, "a synchronization out of place")
		return
	case !ok || m.After.Index > c.log.last.Index || mine != m.After || m.After.Index < c.log.snapshot.Index:
		c.drop(p, fmt.Sprintf("it takes %v for common, which this replica has not", m.After))
		return
	case m.After.Index < c.commit || m.After.Index < c.delivered.Index:
		c.drop(p, fmt.Sprintf("it would remove what is committed, from %v on", m.After))
		return
	}
	f.base = baseLog
	f.told = m.After.Index
	if m.After.Index < c.log.last.Index {
		c.logf("removing what follows %v, up to %v: no quorum had it", m.After, c.log.last)
		c.write()
		c.log.truncate(m.After.Index)
		c.truncateLists(m.After.Index)
		t := c.request(pending{op: opTruncate})
		c.out.Disk = append(c.out.Disk, Truncate{t, m.After.Index})
	}
}

func (c *Core) heardSnap(p *peer, m *Snap) {
	f := c.foll
	if m.Epoch != f.accepted || f.base != baseNone {
		c.drop(p, "a snapshot out of place")
		return
	}
	f.base, f.attempt = baseSnapshot, m.Attempt
}

// snapshotReceived installs what the leader announced; anything else is left alone (Z7).
func (c *Core) snapshotReceived(in SnapshotReceived) {
	f := c.foll
	if c.role != follows || f.leader != in.From || f.base != baseSnapshot || f.attempt != in.Attempt || f.installing {
		return
	}
	switch {
	case badMark(in.Mark) != "" || in.Mark.Index == 0 || badList(in.Members):
		c.drop(c.peer(in.From), fmt.Sprintf("its snapshot %v holds what cannot be", in.Mark))
		return
	case in.Mark.Index < max(c.delivered.Index, c.commit):
		c.drop(c.peer(in.From), fmt.Sprintf("its snapshot %v lies below what is committed here", in.Mark))
		return
	}
	f.installing = true
	_, known := c.log.mark(in.Mark.Index)
	if known && in.Mark.Index < c.log.last.Index { // what lies above goes: it is told to nobody from now on (Z2)
		c.write()
		c.log.truncate(in.Mark.Index)
		c.truncateLists(in.Mark.Index)
	}
	t := c.request(pending{op: opInstall, mark: in.Mark, members: in.Members})
	c.out.Disk = append(c.out.Disk, Install{t, in.Mark})
}

// installed goes on from a snapshot that is the directory's base now. The old history is gone
// whatever the role has become meanwhile.
func (c *Core) installed(p pending) {
	c.log.install(p.mark)
	c.commit, c.delivered, c.reading = p.mark.Index, p.mark, 0
	c.reports = c.reports[:0]
	c.lists.init(c.members, nil, 0)
	if len(p.members) > 0 {
		c.lists.init(nil, []List{{p.mark.Index, p.members}}, p.mark.Index)
		c.lists.settle(p.mark.Index)
	}
	c.syncPeers()
	c.event(Restored{p.mark})
	f := c.foll
	if c.role != follows || !f.installing {
		return
	}
	f.installing, f.base, f.told = false, baseLog, p.mark.Index
	if f.anew {
		c.endQuarantine()
	}
	c.send(c.peer(f.leader), &SnapshotDurable{Epoch: f.accepted, Attempt: f.attempt, Mark: p.mark})
}

// heardEntries logs what comes; it must be gapless, and what this epoch may hold (Z5, Z6).
func (c *Core) heardEntries(p *peer, m *Entries) {
	f := c.foll
	if m.Epoch != f.accepted || f.base != baseLog || f.offer != 0 {
		c.drop(p, "entries out of place")
		return
	}
	if m.Prev != c.log.last {
		c.drop(p, fmt.Sprintf("entries behind %v, where this history ends at %v", m.Prev, c.log.last))
		return
	}
	for i := range m.Records {
		c.log.add(m.Records[i])
		c.learnLists(&m.Records[i])
	}
	if f.serving {
		c.learnCommit(m.Commit)
	}
}

// learnCommit notes how far the history is committed, no further than it is here.
func (c *Core) learnCommit(index uint64) {
	c.commitTo(min(index, c.log.last.Index))
}

// delivers reports whether this role may apply what is committed (Z6, Z8).
func (c *Core) delivers() bool {
	return (c.role == follows && c.foll.serving) || (c.role == leads && c.lead.backed)
}

// deliver hands out what is committed and durable here (Z6, Z9), from memory or by way of the
// disk, a bounded amount at a time (L8).
func (c *Core) deliver() {
	to := min(c.commit, c.log.durable.Index)
	for n := 0; c.delivers() && c.delivered.Index < to && n < maxDeliver; {
		next := c.delivered.Index + 1
		rs := c.log.slice(next, min(to, c.delivered.Index+uint64(maxDeliver-n)))
		if rs == nil {
			c.readForDelivery(next)
			return
		}
		c.handOut(rs)
		n += len(rs)
	}
	if c.role == leads {
		c.begin()
	}
}

func (c *Core) handOut(rs []record.Record) {
	for i := range rs {
		if !succeeds(c.delivered, rs[i].Mark()) {
			cell.Assert(false, "delivering %v after %v", rs[i].Mark(), c.delivered)
		}
		c.delivered = rs[i].Mark()
	}
	c.out.Commits = append(c.out.Commits, rs...)
}

func (c *Core) readForDelivery(next uint64) {
	if c.reading != 0 {
		return
	}
	c.reading = c.readLog(next)
}

// readLog asks the disk for old records; the answer comes as LogRead with the ticket given.
func (c *Core) readLog(from uint64) uint64 {
	c.disk.ticket++
	c.out.Disk = append(c.out.Disk, ReadLog{c.disk.ticket, from, maxReadLog})
	return c.disk.ticket
}

func (c *Core) logRead(in LogRead) {
	if in.Ticket == c.reading {
		c.reading = 0
		c.deliverRead(in.Records)
		return
	}
	for _, p := range c.peers {
		if p.link.stream.reading == in.Ticket {
			p.link.stream.reading = 0
			c.streamRead(p, in.Records)
			return
		}
	}
}

func (c *Core) deliverRead(rs []record.Record) {
	if len(rs) == 0 {
		c.fatal(fmt.Sprintf("the log does not hold record %d, which the tree lacks", c.delivered.Index+1))
		return
	}
	to := min(c.commit, c.log.durable.Index)
	for len(rs) > 0 && rs[len(rs)-1].Index > to {
		rs = rs[:len(rs)-1]
	}
	if len(rs) > 0 && c.delivers() && rs[0].Index == c.delivered.Index+1 {
		c.handOut(rs)
	}
}

// more reports whether deliver rests with work left that needs no input.
func (c *Core) more() bool {
	return c.delivers() && c.reading == 0 && c.delivered.Index < min(c.commit, c.log.durable.Index)
}
