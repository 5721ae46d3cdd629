package wal

import (
	"fmt"

	tidwall "github.com/tidwall/wal"

	"github.com/leasehold/leasehold/replica/record"
)

// batchBytes is when a batch is handed to the library: it copies each batch twice more.
const batchBytes = 1 << 20

// Append writes records, which follow the last one gaplessly. They are durable after the next
// Sync. A payload that does not have its sum is not written: that is an error as final as the
// disk's.
func (l *Log) Append(rs []record.Record) error {
	if l.failed != nil {
		return l.failed
	}
	if l.hard.size == 0 {
		return l.fail(fmt.Errorf("append before the first hard state"))
	}
	if err := l.follows(rs); err != nil {
		return l.fail(err)
	}
	for len(rs) > 0 {
		n := l.fill(rs)
		if err := l.write(rs[:n]); err != nil {
			return l.fail(err)
		}
		rs = rs[n:]
	}
	return nil
}

// follows says why the records cannot stand behind what the log has.
func (l *Log) follows(rs []record.Record) error {
	before := l.last
	for _, r := range rs {
		switch {
		case r.Index != before.Index+1 || r.Zxid <= before.Zxid:
			return fmt.Errorf("record %v does not follow %v", r.Mark(), before)
		case r.Kind != record.Normal && r.Kind != record.Members:
			return fmt.Errorf("record %v is of unknown kind %d", r.Mark(), r.Kind)
		case len(r.Payload) > record.MaxPayload:
			return fmt.Errorf("record %v has %d bytes; %d are allowed", r.Mark(), len(r.Payload), record.MaxPayload)
		case !r.Intact():
			return fmt.Errorf("record %v does not have the sum that the master gave it", r.Mark())
		}
		before = r.Mark()
	}
	return nil
}

// fill puts the frames of the first n records into the batch: no more than fill the segment.
func (l *Log) fill(rs []record.Record) (n int) {
	most := min(batchBytes, l.o.SegmentBytes-l.tail)
	for size := 0; n < len(rs) && (n == 0 || size < most); n++ {
		l.frame = record.AppendFrame(l.frame[:0], rs[n], l.synced, l.current.Salt)
		l.batch.Write(rs[n].Index, l.frame)
		size += len(l.frame)
	}
	return n
}

func (l *Log) write(rs []record.Record) error {
	if err := l.begun(); err != nil {
		return err
	}
	if err := l.o.door.step("append", l.logDir()); err != nil {
		return err
	}
	if err := l.w.WriteBatch(&l.batch); err != nil {
		return err
	}
	if l.tail > l.o.SegmentBytes {
		if err := l.roll(rs[0].Index); err != nil {
			return err
		}
	}
	for _, r := range rs {
		l.tail += record.EntryBytes(len(r.Payload))
		if l.tail >= l.o.SegmentBytes {
			if err := l.roll(r.Index + 1); err != nil {
				return err
			}
		}
	}
	l.last = rs[len(rs)-1].Mark()
	if cap(l.frame) > keepBuffer {
		l.frame, l.batch = nil, tidwall.Batch{}
	}
	return nil
}

// roll notes what the library did by the same rule: it closed the segment and began the next.
func (l *Log) roll(first uint64) error {
	err := l.leave()
	l.segments = append(l.segments, first)
	l.tail, l.rolled = 0, true
	return err
}

// begun makes the name of a segment that was begun durable: before it is synced, and before there
// is another, for of two names a power failure may keep the later one.
func (l *Log) begun() error {
	if !l.rolled {
		return nil
	}
	l.rolled = false
	return l.o.door.syncDir(l.logDir())
}

// Sync returns when all that was appended is durable.
func (l *Log) Sync() error {
	if l.failed != nil {
		return l.failed
	}
	if l.synced == l.last.Index && !l.rolled {
		return nil
	}
	if err := l.begun(); err != nil {
		return l.fail(err)
	}
	if err := l.layOut(); err != nil {
		return l.fail(err)
	}
	if err := l.o.door.step("sync", l.logDir()); err != nil {
		return l.fail(err)
	}
	if err := l.syncTail(); err != nil {
		return l.fail(err)
	}
	l.synced = l.last.Index
	if err := l.filled(); err != nil {
		return l.fail(err)
	}
	return nil
}

// filled forgets that the log was cut down to nothing, once it durably holds something again:
// from then on an empty log is a lost one.
func (l *Log) filled() error {
	if !l.current.Emptied || l.synced == 0 {
		return nil
	}
	return l.emptied(false)
}

func (l *Log) emptied(yes bool) error {
	c := l.current
	c.Emptied = yes
	if err := l.o.door.replace(l.path("CURRENT"), record.EncodeCurrent(c)); err != nil {
		return err
	}
	l.current = c
	return nil
}

// Read gives records from an index on: at most maxRecords, and no more than the first that
// together have maxBytes of payload (but one at least). Behind the end it gives none.
// Payloads share the library's memory: nobody changes them, and who keeps one keeps its segment's.
// ErrCompacted, which is not final, says that the log begins later; what is not as it was
// written is an error that wraps record.ErrDamaged, and final.
func (l *Log) Read(from uint64, maxRecords, maxBytes int) ([]record.Record, error) {
	if l.failed != nil {
		return nil, l.failed
	}
	if from < l.first {
		return nil, fmt.Errorf("%w: at %d, not %d", ErrCompacted, l.first, from)
	}
	var rs []record.Record
	for i := from; i <= l.last.Index && len(rs) < maxRecords; i++ {
		r, err := l.one(i)
		if err != nil {
			return nil, l.fail(err)
		}
		maxBytes -= len(r.Payload)
		if maxBytes < 0 && len(rs) > 0 {
			break
		}
		rs = append(rs, r)
	}
	return rs, nil
}

func (l *Log) one(index uint64) (record.Record, error) {
	b, err := l.w.Read(index)
	if err != nil {
		return record.Record{}, err
	}
	f, err := record.ParseFrame(b, l.current.Salt)
	if err == nil && f.Index != index {
		err = record.Damaged("record %d stands in the log where %d belongs", f.Index, index)
	}
	return f.Record, err
}
