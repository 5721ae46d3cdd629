package wire

import (
	"encoding/binary"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
)

// FrameFormat is the version of frames; it equals cell.Format.
const FrameFormat = 1

// FrameOverhead is how many bytes a frame adds to its body.
const FrameOverhead = 6

const lengthBytes = 4 // the part of FrameOverhead that the length does not count

// What can be wrong with a frame. None of them can be recovered from on its stream.
var (
	ErrFrameTooLarge  = errors.New("frame too large")
	ErrFrameFormat    = errors.New("frame in an unknown format")
	ErrFrameTruncated = errors.New("frame truncated")
)

// TooLargeError says how much too large: errors.Is(err, ErrFrameTooLarge). Sizes are of whole
// frames, in bytes.
type TooLargeError struct{ Most, Got int }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("frame too large: limited to %d bytes, got %d", e.Most, e.Got)
}

// Unwrap makes errors.Is(err, ErrFrameTooLarge) true.
func (e *TooLargeError) Unwrap() error { return ErrFrameTooLarge }

// AppendFrame appends one frame to b. The caller has checked the size: FrameOverhead and body
// together within the limit of the receiver, and so within 32 bits.
func AppendFrame(b []byte, kind uint8, body []byte) []byte {
	return append(appendHeader(b, kind, len(body)), body...)
}

// AppendMessage appends one frame with m as its body, encoded in place. Over limit (of the
// whole frame) it appends nothing and gives a *TooLargeError.
func AppendMessage(b []byte, kind uint8, m proto.Message, limit int) ([]byte, error) {
	size := proto.Size(m)
	if size+FrameOverhead > limit {
		return b, &TooLargeError{Most: limit, Got: size + FrameOverhead}
	}
	begin := len(b)
	out, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(appendHeader(b, kind, size), m)
	if err != nil {
		return b, ErrMalformed
	}
	binary.BigEndian.PutUint32(out[begin:], uint32(len(out)-begin-lengthBytes))
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
