package wal

import (
	"errors"
	"os"
)

// room is what the last segment is given ahead of what is written to it: zeros, which the scan takes
// for what they are; whoever closes the segment cuts them off. A write into them changes neither
// length nor layout of the file, so a sync has data to write and no metadata: it takes half the time
// and less. (Blocks that are only reserved, by fallocate, are no such room: their first write is
// metadata again.)
type room struct {
	file *os.File // the segment, beside the library's own handle; nil: none is laid out
	laid int      // the file's length, while that is above Log.tail
}

const (
	roomStep  = 512 << 10 // laid out at once
	roomLeast = 256 << 10 // below which more is
)

var zeros [roomStep]byte

// layOut gives the last segment room. That there is none to give is no error: the write says so.
func (l *Log) layOut() error {
	from := max(l.room.laid, l.tail)
	to := min(from+roomStep, l.o.SegmentBytes)
	if l.room.laid >= min(l.tail+roomLeast, to) {
		return nil
	}
	path := l.segmentPath(l.segments[len(l.segments)-1])
	if err := l.o.door.step("room", path); err != nil {
		return err
	}
	if l.room.file == nil {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		l.room.file = f
	}
	l.room.laid = to
	if _, err := l.room.file.WriteAt(zeros[:to-from], int64(from)); err != nil {
		return l.room.file.Truncate(int64(l.tail)) // a part may have been
	}
	return nil
}

// syncTail makes the last segment durable.
func (l *Log) syncTail() error {
	if l.room.file == nil {
		return l.w.Sync()
	}
	return syncData(l.room.file)
}

// leave cuts off the room of the segment that was the last.
func (l *Log) leave() error {
	f := l.room.file
	if f == nil {
		return nil
	}
	l.room = room{}
	err := l.o.door.step("trim", f.Name())
	if err == nil {
		err = f.Truncate(int64(l.tail))
	}
	return errors.Join(err, f.Close())
}
