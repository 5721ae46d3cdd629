package host

import (
	"fmt"
	"sync"
	"time"

	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
	"github.com/leasehold/leasehold/replica/zab"
)

// compact asks the disk to let the log go below From.
type compact struct{ From uint64 }

// disk is the log's one owner: it does the core's operations in order and answers in order.
// Appends that wait together share one sync.
type disk struct {
	host   *Host
	log    *wal.Log
	mu     sync.Mutex
	queue  []any
	ready  chan struct{}
	done   chan struct{}
	unsync []replica.Input // answers that wait for the next sync

	reserve *wal.Reserve
}

func newDisk(h *Host, log *wal.Log) *disk {
	d := &disk{host: h, log: log, ready: make(chan struct{}, 1), done: make(chan struct{}),
		reserve: wal.NewReserve(h.config.Dir, h.config.Reserve)}
	go d.run()
	return d
}

// add queues an operation; the loop calls it.
func (d *disk) add(op any) {
	d.mu.Lock()
	d.queue = append(d.queue, op)
	d.mu.Unlock()
	select {
	case d.ready <- struct{}{}:
	default:
	}
}

// close lets the queue run dry and closes the log.
func (d *disk) close() error {
	close(d.ready)
	<-d.done
	return d.log.Close()
}

func (d *disk) run() {
	defer close(d.done)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	d.room()
	for open := true; open; {
		select {
		case _, open = <-d.ready:
		case <-look.C:
			d.room()
		}
		for ops := d.take(); len(ops) > 0; ops = d.take() {
			if err := d.all(ops); err != nil {
				d.host.lines.say("error", "this replica ends: its disk failed: %v", err)
				d.host.fail(fmt.Errorf("disk: %w", err))
				return
			}
		}
	}
}

// lookEvery is how often the room left on the disk is looked at (B3).
const lookEvery = 5 * time.Second

// room tells the core how much room is left; when that cannot be known, nothing.
func (d *disk) room() {
	if free, err := wal.FreeBytes(d.host.config.Dir); err == nil {
		d.host.metrics.free.Set(float64(free))
		if keys := d.host.config.Keys; keys != nil {
			d.host.metrics.certificate.Set(float64(keys.Expires().Unix()))
			d.host.inbox.put(replica.Certificate{Ends: keys.Expires().UnixNano()})
		}
		if err := d.reserve.Tend(free); err != nil {
			d.host.lines.say("warn", "the reserve on the disk: %v", err)
		}
		d.host.inbox.put(zab.Free{Bytes: max(free, 1)})
	}
}

func (d *disk) take() []any {
	d.mu.Lock()
	defer d.mu.Unlock()
	ops := d.queue
	d.queue = nil
	return ops
}

// all does a batch of operations: one sync for the appends between two others.
func (d *disk) all(ops []any) error {
	for _, op := range ops {
		if a, ok := op.(zab.Append); ok {
			if err := d.log.Append(a.Records); err != nil {
				return err
			}
			d.unsync = append(d.unsync, zab.Persisted{Ticket: a.Ticket})
			continue
		}
		if err := d.sync(); err != nil {
			return err
		}
		if err := d.one(op); err != nil {
			return err
		}
	}
	return d.sync()
}

func (d *disk) sync() error {
	if len(d.unsync) == 0 {
		return nil
	}
	began := d.host.config.Clock.Now()
	if err := d.log.Sync(); err != nil {
		return err
	}
	d.host.metrics.synced(d.host.config.Clock.Now().Sub(began))
	d.host.inbox.put(d.unsync...)
	d.unsync = d.unsync[:0]
	return nil
}

func (d *disk) one(op any) error {
	switch op := op.(type) {
	case zab.SaveHard:
		return d.answer(d.log.SaveHard(op.Hard), zab.Persisted{Ticket: op.Ticket})
	case zab.Truncate:
		return d.answer(d.log.TruncateAfter(op.After), zab.Persisted{Ticket: op.Ticket})
	case zab.Install:
		return d.install(op)
	case zab.ReadLog:
		return d.read(op)
	case compact:
		if err := d.log.Compact(op.From); err != nil {
			return err
		}
		d.host.inbox.put(zab.Compacted{First: d.log.First(), Snapshot: d.newest()})
		return nil
	}
	return fmt.Errorf("unknown operation %T", op)
}

func (d *disk) answer(err error, in replica.Input) error {
	if err == nil {
		d.host.inbox.put(in)
	}
	return err
}

func (d *disk) install(op zab.Install) error {
	t, ok := d.host.snapshots.received(op.Mark)
	if !ok {
		return fmt.Errorf("install of snapshot %v, which has not been received", op.Mark)
	}
	return d.answer(d.log.Install(op.Mark), replica.Installed{Ticket: op.Ticket, Tree: t})
}

func (d *disk) read(op zab.ReadLog) error {
	var rs []record.Record
	if op.From >= d.log.First() {
		var err error
		if rs, err = d.log.Read(op.From, readRecords, op.MaxBytes); err != nil {
			return err
		}
	}
	d.host.inbox.put(zab.LogRead{Ticket: op.Ticket, Records: rs})
	return nil
}

// readRecords bounds one answer to ReadLog, beside its bytes.
const readRecords = 4096

func (d *disk) newest() record.Mark {
	marks, err := d.log.Snapshots().List()
	if err != nil || len(marks) == 0 {
		return record.Mark{}
	}
	return marks[0]
}
