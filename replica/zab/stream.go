package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// stream is a follower as its leader knows it: which epoch it was asked to accept, has accepted,
// was told to name and has named, and a cursor into the leader's log (Z6).
type stream struct {
	info     *FollowerInfo // it asks to follow
	asked    cell.Epoch    // NewEpoch sent
	accepted cell.Epoch    // AckEpoch came
	leader   cell.Epoch    // NewLeader sent
	named    cell.Epoch    // AckNewLeader came
	upToDate cell.Epoch    // UpToDate sent
	base     base
	attempt  uint64        // of the snapshot on its way
	offered  record.Mark   // where that snapshot stands; zero until the host says
	next     uint64        // the cursor: the next index to send
	point    uint64        // NewLeader comes when next has passed it
	begins   uint64        // what NewLeader named
	acked    uint64        // durable there and counted: after AckNewLeader only
	commit   uint64        // highest commit index told
	reading  uint64        // the ticket of a ReadLog for it
	heard    lease.Instant // of its last pong
	settled  uint64        // as that said it
	flight   []batch       // sent and not durable there
	bytes    int           // of flight
}

type batch struct {
	last  uint64
	bytes int
}

func (c *Core) pumpAll() {
	var shared *Entries
	for _, p := range c.peers {
		if p.link.stream.info != nil && p.link.number != 0 {
			shared = c.pump(p, shared)
		}
	}
}

// pump says to one follower whatever can be said now. Followers at the same place share one
// Entries.
func (c *Core) pump(p *peer, shared *Entries) *Entries {
	l, s := c.lead, &p.link.stream
	caughtUp := s.base == baseNone || (s.base == baseLog && s.next > c.log.endOf(s.accepted) && s.named == s.leader)
	wanted := l.serving || c.inForce(p, c.elects) // no learner takes part in an attempt that may fail
	if l.stage >= discovering && s.asked < l.epoch && caughtUp && wanted && c.mayAccept(s.info) {
		s.asked = l.epoch
		c.send(p, &NewEpoch{Ask: s.info.Ask, Epoch: l.epoch})
	}
	if l.stage >= synchronizing && s.accepted == l.epoch && s.base == baseNone {
		c.startSync(p)
	}
	if s.base != baseLog {
		return shared
	}
	shared = c.sendEntries(p, shared)
	if l.stage >= synchronizing && s.accepted == l.epoch && s.leader < l.epoch && s.next > max(s.point, l.tail.Index) {
		last, ok := c.log.mark(s.next - 1)
		cell.Assert(ok, "nothing is known of %d, which was sent", s.next-1)
		s.leader, s.begins = l.epoch, last.Index
		c.send(p, &NewLeader{Epoch: l.epoch, Last: last})
	}
	c.sayCommit(p)
	return shared
}

// sayCommit tells a follower that it may serve, and then how far: alone only if no batch is about to
// carry it.
func (c *Core) sayCommit(p *peer) {
	l, s := c.lead, &p.link.stream
	switch {
	case l.stage == broadcasting && s.named == l.epoch && s.upToDate < l.epoch:
		s.upToDate, s.commit = l.epoch, c.shown()
		c.send(p, &UpToDate{Epoch: l.epoch, Commit: s.commit})
	case s.upToDate != 0 && s.commit < c.shown() && s.asked == s.accepted && len(s.flight) == 0:
		s.commit = c.shown()
		c.send(p, c.commitMessage(s.accepted))
	}
}

// shown is how far followers are told that the history is committed: as far as this Step delivers it
// here. A quorum may have it durable before this replica has; a follower that applied it then would
// show its readers what the master shows nobody yet, and who read it there would find it gone here.
func (c *Core) shown() uint64 {
	to := min(c.commit, c.log.durable.Index)
	if c.reading != 0 || to > c.delivered.Index+maxDeliver {
		return c.delivered.Index
	}
	return to
}

// commitMessage is one for all followers who are told the same.
func (c *Core) commitMessage(e cell.Epoch) *Commit {
	if m := c.lead.told; m == nil || m.Epoch != e || m.Index != c.shown() {
		c.lead.told = &Commit{Epoch: e, Index: c.shown()}
	}
	return c.lead.told
}

// startSync decides how a follower comes to our history (Z5): from the last common record on,
// if its table proves one, nothing committed goes, and our log still serves what follows it.
func (c *Core) startSync(p *peer) {
	s := &p.link.stream
	if s.info.Anew || p.differs {
		c.startAnew(p)
		return
	}
	s.point = c.log.last.Index
	common, ok := c.log.common(s.info)
	if ok && common.Index+1 >= c.log.first && common.Index >= s.info.Snapshot.Index {
		s.base, s.next = baseLog, common.Index+1
		c.send(p, &Diff{Epoch: s.accepted, After: common})
		return
	}
	c.sendSnapshot(p, 0)
}

// sendSnapshot announces a snapshot at least or above, and asks for it.
func (c *Core) sendSnapshot(p *peer, least uint64) {
	s := &p.link.stream
	c.attempt++ // with the epoch in it: another life of this replica counts from 1 again
	s.base, s.attempt = baseSnapshot, uint64(s.accepted)<<32|c.attempt
	c.send(p, &Snap{Epoch: s.accepted, Attempt: s.attempt})
	c.out.Disk = append(c.out.Disk, SendSnapshot{To: p.id, Attempt: s.attempt, Link: p.link.number, Least: least})
}

// sendEntries moves the cursor as far as the window allows. Records of an epoch go only to who
// has accepted it.
func (c *Core) sendEntries(p *peer, shared *Entries) *Entries {
	s := &p.link.stream
	to := c.log.endOf(s.accepted)
	for s.next <= to && c.room(s, to) && s.reading == 0 {
		if shared == nil || shared.Prev.Index+1 != s.next || shared.Epoch != s.accepted || shared.Commit != c.shown() {
			rs := c.log.slice(s.next, to)
			if rs == nil {
				c.readForStream(p)
				break
			}
			shared = c.entries(s, rs)
		}
		c.sendBatch(p, shared)
	}
	return shared
}

// room reports whether the records up to an index may leave. The bytes in flight are bounded; and a
// follower that is up to date is sent a batch that is not full only when the one before is durable
// there, and committed: it could not sync it earlier, or it would be ahead of those whom the commit of
// both waits for. The batch grows meanwhile, and each costs its stations once.
func (c *Core) room(s *stream, to uint64) bool {
	next := s.upToDate == 0 || len(s.flight) == 0 && !c.commits(s.acked)
	return (next || to-s.next+1 >= fullBatch) && s.bytes < maxInFlight
}

// commits reports whether this leader has yet to see what is durable somewhere, up to an index, committed.
func (c *Core) commits(index uint64) bool {
	return c.lead.stage == broadcasting && index > c.commit
}

func (c *Core) entries(s *stream, rs []record.Record) *Entries {
	prev, ok := c.log.mark(s.next - 1)
	if !ok || rs[0].Index != s.next {
		cell.Assert(false, "a batch from %d where %d is next", rs[0].Index, s.next)
	}
	return &Entries{Epoch: s.accepted, Prev: prev, Commit: c.shown(), Records: rs}
}

func (c *Core) sendBatch(p *peer, m *Entries) {
	s := &p.link.stream
	b := batch{last: m.Records[len(m.Records)-1].Index}
	for i := range m.Records {
		b.bytes += len(m.Records[i].Payload) + entryOverhead
	}
	s.flight, s.bytes, s.next = append(s.flight, b), s.bytes+b.bytes, b.last+1
	if s.upToDate != 0 {
		s.commit = max(s.commit, m.Commit)
	}
	c.send(p, m)
}

func (c *Core) readForStream(p *peer) {
	s := &p.link.stream
	if s.next < c.log.first {
		c.drop(p, fmt.Sprintf("the log begins at %d now, it needs %d", c.log.first, s.next))
		return
	}
	s.reading = c.readLog(s.next)
}

// streamRead sends what came from the disk, if it still is what comes next.
func (c *Core) streamRead(p *peer, rs []record.Record) {
	s := &p.link.stream
	if c.role != leads || s.base != baseLog {
		return
	}
	if len(rs) == 0 {
		c.drop(p, fmt.Sprintf("the log does not serve %d any more", s.next))
		return
	}
	to := c.log.endOf(s.accepted)
	for len(rs) > 0 && rs[len(rs)-1].Index > to {
		rs = rs[:len(rs)-1]
	}
	if len(rs) > 0 && rs[0].Index == s.next {
		c.sendBatch(p, c.entries(s, rs))
	}
}

func (c *Core) heardInfo(p *peer, m *FollowerInfo) {
	s := &p.link.stream
	if s.info != nil && s.info.Ask == m.Ask {
		return // said again
	}
	if c.farAhead(m.Accepted) {
		c.drop(p, fmt.Sprintf("it has accepted epoch %d, far above %d", m.Accepted, c.hard.AcceptedEpoch))
		return
	}
	*s = stream{info: m, heard: c.now}
	if c.role == follows {
		c.sayStatus(p)
	}
}

// heardAckEpoch counts a replica for the epoch, once (Z4); one that is ahead of us before the
// quorum is complete ends our attempt (Z3).
func (c *Core) heardAckEpoch(p *peer, m *AckEpoch) {
	s := &p.link.stream
	if c.role != leads || s.info == nil || m.Epoch != s.asked {
		return
	}
	if c.lead.stage < synchronizing && !c.lead.serving && c.hasVote(p) &&
		ahead(m.Current, m.Last, c.saved.CurrentEpoch, c.log.durable) {
		c.enterLooking(fmt.Sprintf("replica %d is ahead of this one", p.id))
		return
	}
	if s.base == baseNone && m.Last != s.info.Last {
		c.drop(p, "its history has changed since it asked")
		return
	}
	s.accepted, s.heard = m.Epoch, c.now
	c.lead.nextPing = min(c.lead.nextPing, c.now) // its promise is wanted at once
}

func (c *Core) heardAckNewLeader(p *peer, m *AckNewLeader) {
	s := &p.link.stream
	if c.role != leads || m.Epoch != s.leader || m.Epoch <= s.named {
		return
	}
	if m.Last.Index != s.begins {
		c.drop(p, fmt.Sprintf("it acks the epoch's history up to %v, %d was said", m.Last, s.begins))
		return
	}
	s.named = m.Epoch
	s.acked = max(s.acked, s.begins)
	s.arrived(s.begins)
}

// heardDurable moves the window; as an ack of a named epoch it also counts (Z6).
func (c *Core) heardDurable(p *peer, epoch cell.Epoch, index uint64, counts bool) {
	s := &p.link.stream
	if c.role != leads || s.base != baseLog {
		return
	}
	if index >= s.next || (counts && (s.named == 0 || epoch != s.named || index > c.log.endOf(s.named))) {
		c.drop(p, fmt.Sprintf("it acks %d in epoch %d, which it was not sent", index, epoch))
		return
	}
	s.arrived(index)
	if counts {
		s.acked = max(s.acked, index)
	}
}

// arrived takes what is durable at the follower out of the window.
func (s *stream) arrived(index uint64) {
	n := 0
	for n < len(s.flight) && s.flight[n].last <= index {
		s.bytes -= s.flight[n].bytes
		n++
	}
	if n > 0 {
		s.flight = s.flight[:copy(s.flight, s.flight[n:])]
	}
}
