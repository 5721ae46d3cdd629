package wire

import (
	"encoding/binary"
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Piece is the type of a frame whose body is the next part of a larger frame. Small frames can come between
// two pieces, but no other large one.
const Piece uint8 = 255

// Divide turns the frame that b has from at on, to its end, into pieces of at most most bytes, FrameOverhead
// included.
func Divide(b []byte, at, most int) []byte {
	part := most - FrameOverhead
	cell.Assert(part > 0, "pieces of %d bytes", most)
	size := len(b) - at
	count := (size + part - 1) / part
	b = slices.Grow(b, count*FrameOverhead)[:len(b)+count*FrameOverhead]
	for i := count - 1; i >= 0; i-- { // from the end: no part is overwritten before it has moved
		from, to, n := at+i*part, at+i*most, min(part, size-i*part)
		copy(b[to+FrameOverhead:], b[from:from+n])
		binary.BigEndian.PutUint32(b[to:], uint32(n+FrameOverhead-lengthBytes))
		b[to+4], b[to+5] = FrameFormat, Piece
	}
	return b
}

// Joiner makes frames of pieces again. Its memory follows what has come.
type Joiner struct {
	limit int // of a whole frame
	frame []byte
	given bool // frame has been given out
}

// NewJoiner joins frames of at most limit bytes, FrameOverhead included.
func NewJoiner(limit int) *Joiner { return &Joiner{limit: limit} }

// Join takes the body of the next piece. ok: a frame is whole; its body is the joiner's own and valid until
// the next call. Errors are those of FrameReader.Next, and end the reading for good.
func (j *Joiner) Join(piece []byte) (kind uint8, body []byte, ok bool, err error) {
	if j.given {
		j.frame, j.given = nil, false
	}
	j.frame = append(j.frame, piece...)
	switch size := FrameSize(j.frame); {
	case len(j.frame) < FrameOverhead || j.frame[4] != FrameFormat || j.frame[5] == Piece || size < FrameOverhead ||
		len(j.frame) > size || len(piece) == 0:
		return 0, nil, false, ErrFrameFormat
	case size > j.limit:
		return 0, nil, false, overLimit(j.limit, size)
	case len(j.frame) < size:
		return 0, nil, false, nil
	}
	j.given = true
	return j.frame[5], j.frame[FrameOverhead:], true, nil
}
