package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// disk remembers what the disk was asked for and has not answered, in order.
type disk struct {
	ticket  uint64
	pending []pending
}

type pending struct {
	ticket  uint64
	at      lease.Instant
	op      opKind
	mark    record.Mark      // append: the log's end after it; install: the snapshot's mark
	hard    record.HardState // save
	members cell.Members     // install: the snapshot's list
}

type opKind uint8

const (
	opAppend opKind = iota
	opSave
	opTruncate
	opInstall
)

func (c *Core) request(p pending) uint64 {
	c.disk.ticket++
	p.ticket, p.at = c.disk.ticket, c.now
	c.disk.pending = append(c.disk.pending, p)
	return p.ticket
}

// idle reports whether the disk owes no answer: what is in memory is what is durable (Z10).
func (d *disk) idle() bool { return len(d.pending) == 0 }

// appendSince is when the oldest append that is not durable was asked for.
func (d *disk) appendSince() lease.Instant {
	for i := range d.pending {
		if d.pending[i].op == opAppend {
			return d.pending[i].at
		}
	}
	return lease.Never
}

// save asks for the hard state as it is in c.hard now. Nothing is said or done on the strength
// of it before c.saved shows it: file first, memory after (Z1).
func (c *Core) save() {
	cell.Assert(c.hard.AcceptedEpoch >= c.saved.AcceptedEpoch, "the accepted epoch would fall")
	cell.Assert(c.hard.AcceptedEpoch >= c.hard.CurrentEpoch, "current epoch above the accepted one")
	t := c.request(pending{op: opSave, hard: c.hard})
	c.out.Disk = append(c.out.Disk, SaveHard{t, c.hard})
}

// writeOn is write, but by a leader: its own disk is sent batches as its followers are (room).
func (c *Core) writeOn() {
	h := &c.log
	if c.role != leads || !c.commits(h.written) || h.last.Index-h.written >= fullBatch {
		c.write()
	}
}

// write hands every record that is new in memory to the disk, as one append.
func (c *Core) write() {
	h := &c.log
	for h.written < h.last.Index {
		if h.written+1 < h.from() {
			cell.Assert(false, "unwritten record %d is not in memory", h.written+1)
		}
		rs := h.recent[h.written+1-h.from():]
		h.written = h.last.Index
		t := c.request(pending{op: opAppend, mark: h.last})
		c.out.Disk = append(c.out.Disk, Append{t, rs[:len(rs):len(rs)]})
	}
}

// persisted takes the answer to the oldest operation.
func (c *Core) persisted(ticket uint64) {
	if c.disk.idle() || c.disk.pending[0].ticket != ticket {
		cell.Assert(false, "answer %d to an operation not asked next", ticket)
	}
	p := c.disk.pending[0]
	c.disk.pending[0] = pending{}
	c.disk.pending = c.disk.pending[1:]
	switch p.op {
	case opAppend:
		// a truncation asked for later has cut durable already
		if p.mark.Index > c.log.durable.Index && p.mark.Index <= c.log.last.Index {
			c.log.durable = p.mark
		}
	case opSave:
		c.saved = p.hard
		c.rebacked() // it may have given somebody a vote
	case opInstall:
		c.installed(p)
	}
}
