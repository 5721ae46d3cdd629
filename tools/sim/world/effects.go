package world

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// brain is what runs in a process: the core alone, or a whole replica.
type brain interface {
	step(now lease.Instant, in []any, e *effects)
	holds(now lease.Instant) bool  // the mastership, by its own reckoning
	freeze() (record.Mark, []byte) // its tree as a snapshot
	members(raw []byte) cell.Members
	restored(ticket uint64, raw []byte) any // the input that answers an Install
}

// effects is what one step asks for.
type effects struct {
	core     zab.Out
	snapshot bool   // of the brain as it is now
	compact  uint64 // the log below this index may go; 0: no change
	wakeAt   lease.Instant
}

func (e *effects) reset() {
	e.core.Reset()
	e.snapshot, e.compact, e.wakeAt = false, 0, lease.Never
}

// effects gives what has to be done, in order. Disk and network are two queues: which is
// served first is drawn.
func (l *life) effects() []func() {
	var disk, net []func()
	for _, op := range l.out.core.Disk {
		disk = append(disk, func() { l.disk(op) })
	}
	for _, s := range l.out.core.Sends {
		net = append(net, func() { l.send(s) })
	}
	for _, e := range l.out.core.Events {
		if drop, ok := e.(zab.DropLink); ok {
			net = append(net, func() { l.drop(drop) })
		}
	}
	if l.out.snapshot {
		mark, raw := l.brain.freeze()
		disk = append(disk, func() { l.snapshot(mark, raw) })
	}
	if l.out.compact > 0 {
		disk = append(disk, func() { l.m.disk.Compact(2, l.out.compact) })
	}
	if l.loop().Chance(500_000) {
		return append(disk, net...)
	}
	return append(net, disk...)
}

// disk hands an operation to the disk's owner; the answer comes back as an input.
func (l *life) disk(op zab.DiskOp) {
	switch op := op.(type) {
	case zab.Append:
		l.worker.Do(Job{Append: op.Records, Done: func() { l.push(zab.Persisted{Ticket: op.Ticket}) }})
	case zab.SaveHard:
		l.worker.Do(Job{Save: &op.Hard, Done: func() { l.push(zab.Persisted{Ticket: op.Ticket}) }})
	case zab.Truncate:
		l.worker.Do(Job{Cut: &op.After, Done: func() { l.push(zab.Persisted{Ticket: op.Ticket}) }})
	case zab.Install:
		l.worker.Do(Job{Install: &op.Mark, Done: func() {
			shot, err := l.m.disk.Newest()
			cell.Assert(err == nil, "installed %v: %v", op.Mark, err)
			l.push(l.brain.restored(op.Ticket, shot.Raw))
		}})
	case zab.ReadLog:
		l.worker.Do(Job{Read: &Reading{op.From, op.MaxBytes}, Finished: func(rs []record.Record) {
			l.push(zab.LogRead{Ticket: op.Ticket, Records: rs})
		}})
	case zab.SendSnapshot:
		l.bulk.offer(op)
	default:
		panic(fmt.Sprintf("the world has no disk operation %T", op))
	}
}

// snapshot writes a snapshot beside everything else, then lets the log go behind the oldest.
func (l *life) snapshot(mark record.Mark, raw []byte) {
	l.loop().After(l.loop().Skewed(Millisecond, 200*Millisecond), l.alive(func() {
		l.m.disk.Create(mark, raw)
		l.push(snapshotTaken{mark})
	}))
}

// snapshotTaken tells a brain that its snapshot is on disk.
type snapshotTaken struct{ mark record.Mark }
