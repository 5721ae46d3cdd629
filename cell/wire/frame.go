package wire

import (
	"encoding/binary"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
)

// FrameFormat is the version of frames: the cell's format.
const FrameFormat = cell.Format

// FrameOverhead is how many bytes a frame adds to its body.
const FrameOverhead = 6

const lengthBytes = 4 // the part of FrameOverhead that the length does not count

// AppendFrame appends one frame to b. The caller has checked the size: FrameOverhead and body
// together within the limit of the receiver, and so within 32 bits.
func AppendFrame(b []byte, kind uint8, body []byte) []byte {
	return append(appendHeader(b, kind, len(body)), body...)
}

// AppendMessage appends one frame with m as its body, encoded in place. Over limit (of the
// whole frame) it appends nothing and gives a *cell.LimitError.
func AppendMessage(b []byte, kind uint8, m proto.Message, limit int) ([]byte, error) {
	size := proto.Size(m)
	if size+FrameOverhead > limit {
		return b, overLimit(limit, size+FrameOverhead)
	}
	begin := len(b)
	out, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(appendHeader(b, kind, size), m)
	if err != nil {
		return b, ErrMalformed
	}
	binary.BigEndian.PutUint32(out[begin:], uint32(len(out)-begin-lengthBytes))
	return out, nil
}

// AppendEncoded appends one frame whose body and type encode gives: it appends the body. Over limit
// (of the whole frame) it appends nothing and gives a *cell.LimitError.
func AppendEncoded(b []byte, limit int, encode func(b []byte) (kind uint8, out []byte)) ([]byte, error) {
	begin := len(b)
	kind, out := encode(appendHeader(b, 0, 0))
	size := len(out) - begin
	if size > limit {
		return out[:begin], overLimit(limit, size)
	}
	appendHeader(out[:begin], kind, size-FrameOverhead)
	return out, nil
}

// FrameSize is the size of the whole frame whose beginning b is, 0 when b is too short to say.
// It checks nothing: for frames that AppendFrame made.
func FrameSize(b []byte) int {
	if len(b) < lengthBytes {
		return 0
	}
	return lengthBytes + int(binary.BigEndian.Uint32(b))
}

func appendHeader(b []byte, kind uint8, body int) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(body+FrameOverhead-lengthBytes))
	return append(b, FrameFormat, kind)
}

// overLimit names the limit and the size of a whole frame.
func overLimit(most, got int) error { return &cell.LimitError{Limit: "frame", Most: most, Got: got} }
