package zab

import "fmt"

// sending is the follower that a snapshot of attempt goes to.
func (c *Core) sending(p *peer, attempt uint64) bool {
	return p != nil && c.role == leads && p.link.stream.base == baseSnapshot && p.link.stream.attempt == attempt
}

func (c *Core) snapshotOffered(in SnapshotOffered) {
	p := c.peer(in.To)
	if !c.sending(p, in.Attempt) {
		return
	}
	p.link.stream.offered = in.Mark
	mark, ok := c.log.mark(in.Mark.Index)
	if !ok || mark != in.Mark || in.Mark.Index == 0 || in.Mark.Index+1 < c.log.first {
		c.drop(p, fmt.Sprintf("the snapshot at %v has no place in the log, which begins at %d", in.Mark, c.log.first))
	}
}

func (c *Core) snapshotFailed(in SnapshotFailed) {
	if p := c.peer(in.To); c.sending(p, in.Attempt) {
		c.drop(p, "the snapshot could not be sent")
	}
}

// heardSnapshotDurable goes on from the log, right behind the snapshot (Z7).
func (c *Core) heardSnapshotDurable(p *peer, m *SnapshotDurable) {
	s := &p.link.stream
	if c.role != leads || s.base != baseSnapshot || m.Attempt != s.attempt || m.Epoch != s.accepted {
		return
	}
	if m.Mark != s.offered || m.Mark.Index == 0 || m.Mark.Index+1 < c.log.first {
		c.drop(p, fmt.Sprintf("it has the snapshot at %v, %v was offered", m.Mark, s.offered))
		return
	}
	s.base, s.next, p.differs = baseLog, m.Mark.Index+1, false
}

// KeepFrom is the lowest index that must not be compacted: the tree here still needs it, or a
// follower who is being brought up to date.
func (c *Core) KeepFrom() uint64 {
	keep := c.delivered.Index + 1
	if c.role != leads {
		return keep
	}
	for _, p := range c.peers {
		switch s := &p.link.stream; {
		case s.base == baseLog && s.named == 0:
			keep = min(keep, s.next)
		case s.base == baseSnapshot && s.offered.Index == 0:
			keep = min(keep, c.log.first)
		case s.base == baseSnapshot:
			keep = min(keep, s.offered.Index+1)
		}
	}
	return keep
}
