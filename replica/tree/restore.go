package tree

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// DecodeTree reads a snapshot up to its end, verifies it (order, references, checksums, counts,
// digest) and gives the tree. The history is empty and begins at the snapshot. Errors say what is
// wrong, or wrap those of r; memory follows what has been read.
func DecodeTree(r io.Reader, o Options) (*Tree, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	l := loader{t: New(o)}
	if format, err := in.ReadByte(); err != nil {
		return nil, truncated(err)
	} else if uint32(format) > l.t.highest {
		return nil, fmt.Errorf("%w: a snapshot of format %d, and this version knows up to %d: start a version of celld "+
			"that knows it", cell.ErrNewer, format, l.t.highest)
	} else if format == 0 {
		return nil, badSnapshot("format 0")
	}
	var buf []byte
	for !l.done {
		var err error
		if buf, err = nextElement(in, buf); err != nil {
			return nil, err
		}
		if err := l.take(buf); err != nil {
			return nil, badSnapshot("element %d: %v", l.elements+1, err)
		}
		l.elements++
	}
	if _, err := in.ReadByte(); err == nil {
		return nil, badSnapshot("it goes on behind its end")
	} else if err != io.EOF {
		return nil, badSnapshot("%w", err)
	}
	if err := l.t.Check(); err != nil {
		return nil, badSnapshot("%v", err)
	}
	if got := l.t.Digest(); got != l.digest {
		return nil, badSnapshot("its digest is %x, and it says %x", got, l.digest)
	}
	l.t.history.floor = l.t.mark.Zxid
	return l.t, nil
}

func badSnapshot(format string, args ...any) error {
	return fmt.Errorf("bad snapshot: "+format, args...)
}

func nextElement(in *bufio.Reader, buf []byte) ([]byte, error) {
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return buf, truncated(err)
	}
	if length > MaxElementBytes {
		return buf, badSnapshot("an element of %d bytes; %d are allowed", length, MaxElementBytes)
	}
	if uint64(cap(buf)) < length {
		buf = make([]byte, length)
	}
	buf = buf[:length]
	if _, err := io.ReadFull(in, buf); err != nil {
		return buf, truncated(err)
	}
	return buf, nil
}

func truncated(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return badSnapshot("it is cut short")
	}
	return badSnapshot("%w", err)
}

// stage is how far into a snapshot we are: the kinds of element come in this order.
type stage uint8

const (
	beforeHead stage = iota
	atSessions
	atNodes
	atLocks
)

// loader is a snapshot being read back.
type loader struct {
	t           *Tree
	stage       stage
	lastSession *session
	lastNode    cell.Name
	lastLock    *lock
	plain       wire.SnapNode // of the element being read: there may be millions
	elements    uint64
	digest      uint64
	done        bool
}

// take enters one element.
func (l *loader) take(b []byte) error {
	if l.stage != beforeHead {
		l.plain = wire.SnapNode{}
		if plainNode(b, &l.plain) {
			return l.node(&l.plain)
		}
	}
	var w wire.SnapElement
	if err := wire.Unmarshal(b, &w); err != nil {
		return err
	}
	if _, head := w.Element.(*wire.SnapElement_Head); head != (l.stage == beforeHead) {
		return errors.New("the head does not come first and once")
	}
	return l.enter(&w)
}

func (l *loader) enter(w *wire.SnapElement) error {
	switch e := w.Element.(type) {
	case *wire.SnapElement_Head:
		l.stage = atSessions
		return l.head(e.Head)
	case *wire.SnapElement_Session:
		return l.session(e.Session)
	case *wire.SnapElement_Record:
		return l.record(e.Record)
	case *wire.SnapElement_Node:
		return l.node(e.Node)
	case *wire.SnapElement_Lock:
		return l.lock(e.Lock)
	case *wire.SnapElement_Hold:
		return l.hold(e.Hold)
	case *wire.SnapElement_Delay:
		return l.delay(e.Delay)
	case *wire.SnapElement_End:
		if e.End.Elements != l.elements {
			return fmt.Errorf("the end counts %d", e.End.Elements)
		}
		l.closeLock()
		l.digest, l.done = e.End.Digest, true
		return nil
	}
	return errors.New("of an unknown kind")
}
