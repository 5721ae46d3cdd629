package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/replica/record"
)

// Entries, their acks and the news of commits are read and written by hand, for they are most of
// what is said: payloads stay where they came, and a record costs no allocation of its own. The bytes
// are those of the schema.

// appendDirect appends one of those; not ok for the others, and for one that has more to say.
func appendDirect(b []byte, m Message) (kind uint8, out []byte, ok bool) {
	switch m := m.(type) {
	case *Entries:
		return kindEntries, appendEntries(b, m), true
	case *Ack:
		return kindAck, appendPlace(b, m.Epoch, m.Index), *m == Ack{Epoch: m.Epoch, Index: m.Index}
	case *Commit:
		return kindCommit, appendPlace(b, m.Epoch, m.Index), *m == Commit{m.Epoch, m.Index}
	}
	return 0, nil, false
}

func appendPlace(b []byte, e cell.Epoch, index uint64) []byte {
	return wire.AppendUint(wire.AppendUint(b, 1, uint64(e)), 2, index)
}

// decodeDirect reads an ack or a commit; not ok when it says more than those.
func decodeDirect(kind uint8, b []byte) (m Message, ok bool) {
	if kind != kindAck && kind != kindCommit {
		return nil, false
	}
	var epoch, index uint64
	ok = wire.Each(b, func(f wire.Field) bool {
		switch f.Key {
		case 1<<3 | wire.Varint:
			epoch = f.Value
		case 2<<3 | wire.Varint:
			index = f.Value
		default:
			return false
		}
		return true
	})
	if !ok || epoch>>32 != 0 {
		return nil, false
	}
	if kind == kindAck {
		return &Ack{Epoch: cell.Epoch(epoch), Index: index}, true
	}
	return &Commit{cell.Epoch(epoch), index}, true
}

func appendEntries(b []byte, m *Entries) []byte {
	b = wire.AppendUint(b, 1, uint64(m.Epoch))
	if m.Prev != (record.Mark{}) {
		var at int
		b, at = wire.Open(b, 2)
		b = wire.AppendUint(b, 1, m.Prev.Index)
		b = wire.Close(wire.AppendFixed64(b, 2, uint64(m.Prev.Zxid)), at)
	}
	b = wire.AppendUint(b, 3, m.Commit)
	for i := range m.Records {
		r := &m.Records[i]
		var at int
		b, at = wire.Open(b, 4)
		b = wire.AppendUint(b, 1, r.Index)
		b = wire.AppendFixed64(b, 2, uint64(r.Zxid))
		b = wire.AppendUint(b, 3, uint64(r.Kind))
		b = wire.AppendFixed32(b, 4, r.Sum)
		b = wire.Close(wire.AppendText(b, 5, r.Payload), at)
	}
	return b
}

func decodeEntries(b []byte) (*Entries, error) {
	m := &Entries{}
	m.Records = make([]record.Record, 0, min(countRecords(b), maxBatchCount))
	if !wire.Each(b, m.take) {
		return nil, fmt.Errorf("%w: malformed entries", cell.ErrProtocol)
	}
	return m, nil
}

func countRecords(b []byte) int {
	n := 0
	wire.Each(b, func(f wire.Field) bool {
		if f.Key == 4<<3|wire.Bytes {
			n++
		}
		return true
	})
	return n
}

func (m *Entries) take(f wire.Field) bool {
	switch f.Key {
	case 1<<3 | wire.Varint:
		m.Epoch = cell.Epoch(f.Value)
		return f.Value <= maxEpoch
	case 2<<3 | wire.Bytes:
		return takeMark(&m.Prev, f.Bytes)
	case 3<<3 | wire.Varint:
		m.Commit = f.Value
		return true
	case 4<<3 | wire.Bytes:
		r, ok := takeRecord(f.Bytes)
		m.Records = append(m.Records, r)
		return ok && len(m.Records) <= maxBatchCount
	}
	return false
}

func takeMark(m *record.Mark, b []byte) bool {
	return wire.Each(b, func(f wire.Field) bool {
		switch f.Key {
		case 1<<3 | wire.Varint:
			m.Index = f.Value
		case 2<<3 | wire.Fixed64:
			m.Zxid = cell.Zxid(f.Value)
		default:
			return false
		}
		return true
	})
}

func takeRecord(b []byte) (r record.Record, ok bool) {
	ok = wire.Each(b, func(f wire.Field) bool {
		switch f.Key {
		case 1<<3 | wire.Varint:
			r.Index = f.Value
		case 2<<3 | wire.Fixed64:
			r.Zxid = cell.Zxid(f.Value)
		case 3<<3 | wire.Varint:
			r.Kind = record.Kind(f.Value)
			return f.Value <= 255
		case 4<<3 | wire.Fixed32:
			r.Sum = uint32(f.Value)
		case 5<<3 | wire.Bytes:
			r.Payload = f.Bytes[:len(f.Bytes):len(f.Bytes)]
		default:
			return false
		}
		return true
	})
	return r, ok
}
