package wal

import (
	"fmt"
	"os"

	"github.com/leasehold/leasehold/replica/record"
)

// hard is the file of the hard state. It is made once, whole, and then written in place: a sync writes one
// sector and no metadata, and takes a third of what a new file and its rename do.
type hard struct {
	file   *os.File // nil: nothing has been saved in this life
	size   int      // of a slot; 0: there is no file yet
	number uint64   // of the newest save
}

// SaveHard replaces the hard state; it is durable when SaveHard returns. What a crash leaves is the old one or
// the new.
func (l *Log) SaveHard(h record.HardState) error {
	if l.failed != nil {
		return l.failed
	}
	if err := l.saveHard(h); err != nil {
		return l.fail(err)
	}
	return nil
}

func (l *Log) saveHard(h record.HardState) error {
	f := &l.hard
	size := record.SlotSize(h, f.size)
	if size != f.size {
		return l.makeHard(h, size)
	}
	if err := l.openHard(); err != nil {
		return err
	}
	f.number++
	b, at := record.EncodeSlot(h, f.number, size), record.SlotOf(f.number)
	if err := l.writeSlot(at, b); err != nil {
		return err
	}
	if err := l.syncHard(); err != nil {
		return err
	}
	return l.writeSlot(1-at, b) // nobody waits until that is durable: see record.Slots
}

// makeHard makes the file, with both slots alike.
func (l *Log) makeHard(h record.HardState, size int) error {
	f := &l.hard
	if err := l.leaveHard(); err != nil {
		return err
	}
	f.number++
	b := record.EncodeSlot(h, f.number, size)
	if err := l.o.door.replace(l.path("hard"), append(b, b...)); err != nil {
		return err
	}
	f.size = size
	return nil
}

func (l *Log) openHard() (err error) {
	if l.hard.file == nil {
		l.hard.file, err = os.OpenFile(l.path("hard"), os.O_WRONLY, 0)
	}
	return err
}

func (l *Log) leaveHard() error {
	file := l.hard.file
	if file == nil {
		return nil
	}
	l.hard.file = nil
	return file.Close()
}

func (l *Log) writeSlot(slot int, b []byte) error {
	if err := l.o.door.step("write", l.path("hard")); err != nil {
		return err
	}
	_, err := l.hard.file.WriteAt(b, int64(slot*len(b)))
	return err
}

func (l *Log) syncHard() error {
	if err := l.o.door.step("sync", l.path("hard")); err != nil {
		return err
	}
	return syncData(l.hard.file)
}

func (l *Log) readHard(found *Recovered) (slots record.Slots, err error) {
	data, ok, err := readSmall(l.path("hard"))
	if err != nil || !ok {
		return slots, err
	}
	found.HadHard = true
	if slots, err = record.DecodeSlots(data); err != nil {
		return slots, err
	}
	found.Hard = slots.Hard
	l.hard = hard{size: slots.Size, number: slots.Number}
	if slots.Spoilt != nil {
		found.Notes = append(found.Notes, fmt.Sprintf("one of the two copies of the hard state is torn or rotten (%s): "+
			"the other is taken, and written in its place", slots.Spoilt.What))
	}
	return slots, nil
}

// settleHard syncs what was read, which may have been in the kernel's memory only, and makes both slots
// alike: the next save may then be written to either.
func (l *Log) settleHard(found record.Slots) error {
	if l.hard.size == 0 {
		return nil
	}
	if err := l.openHard(); err != nil {
		return err
	}
	if err := l.syncHard(); err != nil || found.Alike {
		return err
	}
	if err := l.writeSlot(1-found.At, record.EncodeSlot(found.Hard, found.Number, found.Size)); err != nil {
		return err
	}
	return l.syncHard()
}
