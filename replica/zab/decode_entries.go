package zab

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Entries are read by hand, for they are most of what is read: payloads stay where they came,
// and a record costs no allocation of its own. The bytes are those of wire.PeerEntries.

// field is one field of a message: a number, or the bytes of a nested one.
type field struct {
	number protowire.Number
	value  uint64
	bytes  []byte
}

// cut takes the first field off b.
func cut(b []byte) (f field, rest []byte, ok bool) {
	number, form, n := protowire.ConsumeTag(b)
	if n < 0 {
		return f, nil, false
	}
	f.number, b = number, b[n:]
	switch form {
	case protowire.VarintType:
		f.value, n = protowire.ConsumeVarint(b)
	case protowire.Fixed64Type:
		f.value, n = protowire.ConsumeFixed64(b)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.value = uint64(v)
	case protowire.BytesType:
		f.bytes, n = protowire.ConsumeBytes(b)
	default:
		n = -1
	}
	if n < 0 {
		return f, nil, false
	}
	return f, b[n:], true
}

func decodeEntries(b []byte) (*Entries, error) {
	m := &Entries{}
	m.Records = make([]record.Record, 0, min(countRecords(b), maxBatchCount))
	for len(b) > 0 {
		f, rest, ok := cut(b)
		if !ok || !m.take(f) {
			return nil, fmt.Errorf("%w: malformed entries", cell.ErrProtocol)
		}
		b = rest
	}
	return m, nil
}

func countRecords(b []byte) int {
	n := 0
	for len(b) > 0 {
		f, rest, ok := cut(b)
		if !ok {
			return n
		}
		if f.number == 4 {
			n++
		}
		b = rest
	}
	return n
}

func (m *Entries) take(f field) bool {
	switch f.number {
	case 1:
		m.Epoch = cell.Epoch(f.value)
		return f.bytes == nil && f.value <= maxEpoch
	case 2:
		return takeMark(&m.Prev, f.bytes)
	case 3:
		m.Commit = f.value
		return f.bytes == nil
	case 4:
		r, ok := takeRecord(f.bytes)
		m.Records = append(m.Records, r)
		return ok && len(m.Records) <= maxBatchCount
	}
	return false
}

func takeMark(m *record.Mark, b []byte) bool {
	for len(b) > 0 {
		f, rest, ok := cut(b)
		if !ok {
			return false
		}
		switch f.number {
		case 1:
			m.Index = f.value
		case 2:
			m.Zxid = cell.Zxid(f.value)
		default:
			return false
		}
		b = rest
	}
	return true
}

func takeRecord(b []byte) (r record.Record, ok bool) {
	for len(b) > 0 {
		f, rest, ok := cut(b)
		if !ok {
			return r, false
		}
		switch f.number {
		case 1:
			r.Index = f.value
		case 2:
			r.Zxid = cell.Zxid(f.value)
		case 3:
			if f.value > 255 {
				return r, false
			}
			r.Kind = record.Kind(f.value)
		case 4:
			r.Sum = uint32(f.value)
		case 5:
			r.Payload = f.bytes[:len(f.bytes):len(f.bytes)]
		default:
			return r, false
		}
		b = rest
	}
	return r, true
}
