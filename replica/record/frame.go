package record

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/leasehold/leasehold/cell"
)

// A frame is one record as the log keeps it, little-endian:
//
//	0  magic 0xA7: never 0, so that a run of zeros is no frame
//	1  format version
//	2  CRC-32C, seeded with the log's salt, of bytes 0-1 and 6-34
//	6  index
//	14 zxid
//	22 synced: the highest index that was durable when this frame was written
//	30 kind
//	31 CRC-32C of the payload, as the master made it
//	35 payload
//
// In a segment each frame stands behind its length as an unsigned varint.
const (
	magic       = 0xA7
	HeaderBytes = 35
	maxFrame    = HeaderBytes + MaxPayload
)

// Frame is a record and what was durable when it was written.
type Frame struct {
	Record
	Synced uint64
}

// AppendFrame appends the frame of r, without the length before it. The record must be
// intact; synced is below its index.
func AppendFrame(dst []byte, r Record, synced uint64, salt uint32) []byte {
	if synced >= r.Index || len(r.Payload) > MaxPayload { // checked here: the hot path boxes no arguments
		cell.Assert(false, "record %d of %d bytes says that %d is durable", r.Index, len(r.Payload), synced)
	}
	at := len(dst)
	dst = append(dst, blank[:]...)
	h := dst[at:]
	h[0], h[1] = magic, cell.Format
	binary.LittleEndian.PutUint64(h[6:], r.Index)
	binary.LittleEndian.PutUint64(h[14:], uint64(r.Zxid))
	binary.LittleEndian.PutUint64(h[22:], synced)
	h[30] = byte(r.Kind)
	binary.LittleEndian.PutUint32(h[31:], r.Sum)
	binary.LittleEndian.PutUint32(h[2:], headerSum(h, salt))
	return append(dst, r.Payload...)
}

var blank [HeaderBytes]byte

// AppendEntry appends the frame of r with its length before it: the bytes of a segment.
func AppendEntry(dst []byte, r Record, synced uint64, salt uint32) []byte {
	dst = binary.AppendUvarint(dst, uint64(HeaderBytes+len(r.Payload)))
	return AppendFrame(dst, r, synced, salt)
}

// EntryBytes is how many bytes AppendEntry appends for a payload of that length.
func EntryBytes(payload int) int {
	n := 1
	for x := HeaderBytes + payload; x >= 0x80; x >>= 7 {
		n++
	}
	return n + HeaderBytes + payload
}

func headerSum(h []byte, salt uint32) uint32 {
	return crc32.Update(crc32.Update(salt, castagnoli, h[:2]), castagnoli, h[6:HeaderBytes])
}

// ParseFrame reads one frame and checks everything that it says of itself: header, format,
// kind, payload. The payload aliases b. Errors wrap ErrDamaged, or ErrNewer when the header is
// whole and this program does not know what it means.
func ParseFrame(b []byte, salt uint32) (Frame, error) {
	f, err := parseHeader(b, salt)
	if err != nil {
		return Frame{}, err
	}
	f.Payload = b[HeaderBytes:]
	if len(f.Payload) > MaxPayload {
		return Frame{}, fmt.Errorf("%w: record %d has %d bytes", ErrDamaged, f.Index, len(f.Payload))
	}
	if !f.Intact() {
		return Frame{}, fmt.Errorf("%w: the payload of record %d does not have its sum", ErrDamaged, f.Index)
	}
	return f, nil
}

func parseHeader(b []byte, salt uint32) (Frame, error) {
	if len(b) < HeaderBytes || b[0] != magic {
		return Frame{}, fmt.Errorf("%w: no record begins here", ErrDamaged)
	}
	if binary.LittleEndian.Uint32(b[2:]) != headerSum(b, salt) {
		return Frame{}, fmt.Errorf("%w: the header of a record does not have its sum", ErrDamaged)
	}
	f := Frame{Record: Record{
		Index: binary.LittleEndian.Uint64(b[6:]),
		Zxid:  cell.Zxid(binary.LittleEndian.Uint64(b[14:])),
		Kind:  Kind(b[30]),
		Sum:   binary.LittleEndian.Uint32(b[31:]),
	}, Synced: binary.LittleEndian.Uint64(b[22:])}
	switch {
	case b[1] != cell.Format:
		return Frame{}, Newer("record %d has format %d, known is %d", f.Index, b[1], cell.Format)
	case f.Kind != Normal && f.Kind != Members:
		return Frame{}, Newer("record %d is of unknown kind %d", f.Index, f.Kind)
	case f.Index == 0 || f.Synced >= f.Index:
		return Frame{}, fmt.Errorf("%w: record %d says that %d was durable before it", ErrDamaged, f.Index, f.Synced)
	}
	return f, nil
}

// split takes the first entry off a segment's bytes: the frame, and how many bytes frame and
// length have. ok is false when no whole entry is there.
func split(data []byte) (frame []byte, n int, ok bool) {
	size, k := binary.Uvarint(data)
	if k <= 0 || size < HeaderBytes || size > maxFrame || uint64(len(data)-k) < size {
		return nil, 0, false
	}
	n = k + int(size)
	if EntryBytes(int(size)-HeaderBytes) != n { // a length in more bytes than it needs
		return nil, 0, false
	}
	return data[k:n], n, true
}

// OffsetAfter is where, in the bytes of a segment whose first record is first, the record with
// index after ends. Errors wrap ErrDamaged.
func OffsetAfter(data []byte, first, after uint64) (int, error) {
	offset := 0
	for index := first; index <= after; index++ {
		_, n, ok := split(data[offset:])
		if !ok {
			return 0, fmt.Errorf("%w: segment %d has no record %d", ErrDamaged, first, index)
		}
		offset += n
	}
	return offset, nil
}
