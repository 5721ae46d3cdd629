package world

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// brain is what runs in a process: the core alone, or a whole replica.
type brain interface {
	step(now lease.Instant, in []replica.Input, e *effects)
	holds(now lease.Instant) bool                     // the mastership, by its own reckoning
	members(raw []byte) cell.Members                  // of a snapshot
	listed(payload []byte) cell.Members               // of a record
	restored(ticket uint64, raw []byte) replica.Input // what answers an Install
	String() string
	observe(e *effects, at *Cell) // what the checkers want to know of a step
}

// effects is what one step asks for.
type effects struct {
	replica.Effects
	frozen func() ([]byte, error) // the bytes of a snapshot at Mark; nil: none is asked for
}

func (e *effects) reset() {
	e.Effects.Reset()
	e.frozen = nil
}

// effects gives what has to be done, in order. Disk and network are two queues: which is
// served first is drawn.
func (l *life) effects() []func() {
	var disk, net []func()
	for _, op := range l.out.Core.Disk {
		disk = append(disk, func() { l.disk(op) })
	}
	if l.out.frozen != nil {
		mark, raw, keep := l.out.Mark, l.out.frozen, 2
		if l.out.KeepOld {
			keep = 1000
		}
		disk = append(disk, func() { l.snapshot(mark, raw, keep) })
	}
	if below := l.out.Compact; below > 0 {
		disk = append(disk, func() { l.compact(below) })
	}
	for _, s := range l.out.Core.Sends {
		net = append(net, func() { l.send(s) })
	}
	for _, s := range l.out.Clients {
		kind, body := call.Encode(s.Msg)
		send := l.m.cell.network.Send
		if s.Urgent {
			send = l.m.cell.network.Urgent
		}
		net = append(net, func() { l.m.cell.sent(send(l.m.node, s.Stream, kind, body)) })
	}
	for _, s := range l.out.Closes {
		net = append(net, func() { l.closeClient(s.Stream) })
	}
	for _, e := range l.out.Core.Events {
		if drop, ok := e.(zab.DropLink); ok {
			net = append(net, func() { l.drop(drop) })
		}
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
		l.m.cell.counters.Truncs++
		l.worker.Do(Job{Cut: &op.After, Done: func() { l.push(zab.Persisted{Ticket: op.Ticket}) }})
	case zab.Install:
		l.m.cell.counters.Snaps++
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

// snapshot writes a snapshot beside everything else, of what memory has by then.
func (l *life) snapshot(mark record.Mark, raw func() ([]byte, error), keep int) {
	l.loop().After(l.loop().Skewed(Millisecond, 200*Millisecond), l.alive(func() {
		bytes, err := raw()
		if err != nil {
			l.push(replica.SnapshotFailed{Why: err.Error(), Damaged: true})
			return
		}
		if !l.m.disk.Create(mark, bytes) {
			l.push(replica.SnapshotFailed{Why: "the history has changed", Superseded: true})
			return
		}
		oldest := l.m.disk.Prune(keep)
		l.push(replica.SnapshotTaken{Mark: mark, Oldest: oldest, Bytes: int64(len(bytes))})
		l.bulk.sendQueued()
	}))
}

// compact lets the log below an index go, and tells the core what is left.
func (l *life) compact(below uint64) {
	l.worker.Do(Job{Save: nil, Cut: nil, Compact: &below, Done: func() {
		base, _ := l.m.disk.verified()
		l.push(zab.Compacted{First: l.m.disk.First(), Snapshot: base})
	}})
}
