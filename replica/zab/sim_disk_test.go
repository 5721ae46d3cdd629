package zab

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// simDisk holds what is durable, and does one operation after the other, slowly.
type simDisk struct {
	hard     record.HardState
	snapshot record.Mark
	list     cell.Members // of the snapshot
	records  []record.Record
	received map[record.Mark]cell.Members // snapshots that came, not installed

	queue []DiskOp
	busy  bool
	stall bool
	kept  int // how much of the queue the next crash keeps; below 0: by the dice
}

func (d *simDisk) wipe(w *world) {
	*d = simDisk{received: map[record.Mark]cell.Members{}, kept: -1}
	d.hard.Incarnation = cell.Incarnation(w.rng.Uint64() | 1)
}

func (d *simDisk) last() record.Mark {
	if n := len(d.records); n > 0 {
		return d.records[n-1].Mark()
	}
	return d.snapshot
}

// epochAt is the epoch of the record at index; 0 when only a snapshot holds it.
func (d *simDisk) epochAt(index uint64) cell.Epoch {
	if len(d.records) == 0 || index < d.records[0].Index {
		return 0
	}
	return d.records[index-d.records[0].Index].Zxid.Epoch()
}

func (d *simDisk) config(n *node) Config {
	s := record.Summary{Snapshot: d.snapshot, First: d.last().Index + 1 - uint64(len(d.records)), Last: d.last()}
	ends := func(m record.Mark) {
		if k := len(s.Epochs); k > 0 && s.Epochs[k-1].Epoch == m.Zxid.Epoch() {
			s.Epochs[k-1].Last = m
		} else if m.Index > 0 {
			s.Epochs = append(s.Epochs, record.EpochEnd{Epoch: m.Zxid.Epoch(), Last: m})
		}
	}
	var lists []List
	if d.list != nil {
		lists = append(lists, List{d.snapshot.Index, d.list})
	}
	if s.First > d.snapshot.Index {
		ends(d.snapshot)
	}
	membersOf := simMembersOf(len(n.w.nodes))
	for _, r := range d.records {
		ends(r.Mark())
		if r.Kind == record.Members && r.Index > d.snapshot.Index {
			m, _ := membersOf(r.Payload)
			lists = append(lists, List{r.Index, m})
		}
	}
	recent := d.records
	if k := n.w.rng.Intn(20); len(recent) > k {
		recent = recent[len(recent)-k:]
	}
	lengths := scriptLengths()
	file := n.w.members.With(cell.Member{ID: n.id, Peer: fmt.Sprintf("r%d", n.id)}) // a newcomer's names itself too
	return Config{
		ID: n.id, Members: file, Hard: d.hard, Log: s, Recent: append([]record.Record(nil), recent...), Lists: lists,
		MembersOf: membersOf, Lengths: lengths, Seed: n.w.rng.Uint64(), RollAt: n.w.rollAt,
	}
}

func (d *simDisk) do(n *node, op DiskOp) {
	if op, ok := op.(SendSnapshot); ok {
		n.sendSnapshot(op)
		return
	}
	d.queue = append(d.queue, op)
	d.next(n)
}

func (d *simDisk) next(n *node) {
	if d.busy || d.stall || len(d.queue) == 0 {
		return
	}
	d.busy = true
	life := n.life
	cost := n.w.between(100*lease.Microsecond, 8*lease.Millisecond)
	if n.w.rng.Intn(200) == 0 && !n.w.calm {
		cost = n.w.between(10*lease.Millisecond, 400*lease.Millisecond)
	}
	n.w.after(cost, func() {
		if n.life != life {
			return
		}
		op := d.queue[0]
		d.queue, d.busy = d.queue[1:], false
		answer := d.apply(op)
		d.next(n)
		n.step(answer)
	})
}

// apply makes an operation durable, and gives its answer.
func (d *simDisk) apply(op DiskOp) Input {
	switch op := op.(type) {
	case Append:
		for _, r := range op.Records {
			if r.Index != d.last().Index+1 {
				panic("the disk was handed a gap")
			}
			d.records = append(d.records, r)
		}
		return Persisted{op.Ticket}
	case SaveHard:
		d.hard = op.Hard
		return Persisted{op.Ticket}
	case Truncate:
		for len(d.records) > 0 && d.last().Index > op.After {
			d.records = d.records[:len(d.records)-1]
		}
		if d.last().Index != op.After {
			panic("truncated below the snapshot")
		}
		return Persisted{op.Ticket}
	case Install:
		d.records, d.snapshot, d.list = nil, op.Mark, d.received[op.Mark]
		return Persisted{op.Ticket}
	case ReadLog:
		var rs []record.Record
		for _, r := range d.records {
			if r.Index >= op.From && len(rs) < 7 {
				rs = append(rs, r)
			}
		}
		if len(rs) > 0 && rs[0].Index != op.From {
			rs = nil
		}
		return LogRead{op.Ticket, rs}
	}
	panic("unknown operation")
}

// crash makes a prefix of what was asked durable, an append in part perhaps, and loses the rest.
func (d *simDisk) crash(w *world) {
	kept, torn := d.kept, d.kept < 0
	d.kept = -1
	if torn {
		kept = w.rng.Intn(len(d.queue) + 1)
	}
	for ; kept > 0 && len(d.queue) > 0; kept-- {
		d.apply(d.queue[0])
		d.queue = d.queue[1:]
	}
	if len(d.queue) > 0 && torn {
		if op, ok := d.queue[0].(Append); ok {
			d.apply(Append{Records: op.Records[:w.rng.Intn(len(op.Records)+1)]})
		}
	}
	d.queue, d.busy, d.stall = nil, false, false
}

// takeSnapshot makes what is applied the snapshot, and compacts the log behind it.
func (n *node) takeSnapshot() {
	if n.core == nil || n.frozen || len(n.disk.queue) > 0 || n.app.applied.Index <= n.disk.snapshot.Index {
		return
	}
	d := &n.disk
	cfg := d.config(n)
	for _, l := range cfg.Lists {
		if l.Index <= n.app.applied.Index {
			d.list = l.Members
		}
	}
	d.snapshot = n.app.applied
	keep := min(n.core.KeepFrom(), d.snapshot.Index+1)
	for len(d.records) > 0 && d.records[0].Index < keep && n.w.rng.Intn(60) > 0 {
		d.records = d.records[1:]
	}
	first := d.last().Index + 1
	if len(d.records) > 0 {
		first = d.records[0].Index
	}
	n.w.tracef("r%d has a snapshot at %v, log from %d", n.id, d.snapshot, first)
	n.step(Compacted{first, d.snapshot})
}

// sendSnapshot streams the newest snapshot, beside the protocol's link.
func (n *node) sendSnapshot(op SendSnapshot) {
	w, life := n.w, n.life
	to := w.nodes[op.To-1]
	toLife := to.life
	w.check.snaps++
	w.after(w.between(1*lease.Millisecond, 20*lease.Millisecond), func() {
		if n.life != life || n.core == nil {
			return
		}
		if n.disk.snapshot.Index == 0 {
			n.takeSnapshot()
		}
		mark, list := n.disk.snapshot, n.disk.list
		if mark.Index == 0 || w.rng.Intn(10) == 0 {
			n.step(SnapshotFailed{op.To, op.Attempt})
			return
		}
		n.step(SnapshotOffered{op.To, op.Attempt, mark})
		w.after(w.between(1*lease.Millisecond, 300*lease.Millisecond), func() {
			if to.life == toLife && to.core != nil && w.pipe(n.i, to.i).number == op.Link {
				to.disk.received[mark] = list
				to.step(SnapshotReceived{n.id, op.Attempt, mark, list})
			}
		})
	})
}

// scriptLengths are those with which the scripts were recorded.
func scriptLengths() cell.Lengths {
	lengths := cell.DefaultLengths()
	lengths.MasterLease = 600 * time.Millisecond
	return lengths
}
