package conn

import "encoding/binary"

const headerSize = 12 // of a yamux frame

// header is the beginning of a yamux frame: version, type, flags, stream, length; big-endian.
type header [headerSize]byte

const (
	frameData   = 0
	frameWindow = 1 // length is how many more bytes the stream may send
	framePing   = 2
	frameGoAway = 3
)

const (
	flagSYN = 1 << iota
	flagACK
	flagFIN
	flagRST
	flagsAll = flagSYN | flagACK | flagFIN | flagRST
)

func (h *header) version() uint8 { return h[0] }
func (h *header) kind() uint8    { return h[1] }
func (h *header) flags() uint16  { return binary.BigEndian.Uint16(h[2:]) }
func (h *header) stream() uint32 { return binary.BigEndian.Uint32(h[4:]) }
func (h *header) length() uint32 { return binary.BigEndian.Uint32(h[8:]) }

// appendData appends the header of a data frame.
func appendData(b []byte, stream uint32, length int) []byte {
	b = binary.BigEndian.AppendUint32(append(b, 0, frameData, 0, 0), stream)
	return binary.BigEndian.AppendUint32(b, uint32(length))
}

// follower finds the headers in a run of bytes that comes in pieces.
type follower struct {
	head header
	have int    // bytes of head that have come
	body uint32 // bytes of the frame's body still to come
}

// feed looks at the next piece and shows each header, once it is whole, to see. The first error
// of see ends it for good: the follower is of no use afterwards.
func (f *follower) feed(piece []byte, see func(*header) error) error {
	for len(piece) > 0 {
		if f.body > 0 {
			skip := min(int(f.body), len(piece))
			piece, f.body = piece[skip:], f.body-uint32(skip)
			continue
		}
		n := copy(f.head[f.have:], piece)
		piece, f.have = piece[n:], f.have+n
		if f.have < headerSize {
			return nil
		}
		if err := see(&f.head); err != nil {
			return err
		}
		f.have = 0
		if f.head.kind() == frameData {
			f.body = f.head.length()
		}
	}
	return nil
}

// between reports whether no frame has begun that has not ended.
func (f *follower) between() bool { return f.have == 0 && f.body == 0 }
