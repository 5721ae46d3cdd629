package call

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// readDirect reads what appendDirect writes; not ok sends the reader the slow way.
func readDirect(kind uint8, b []byte) (m Message, ok bool) {
	switch kind {
	case typeCall:
		return cutCall(b)
	case typeCallReply:
		return cutCallReply(b)
	case typeQuery:
		return cutQuery(b)
	case typeQueryReply:
		return cutQueryReply(b)
	}
	return nil, false
}

func cutCall(b []byte) (m *Call, ok bool) {
	m = &Call{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			m.Epoch, ok = cell.Epoch(f.Value), f.Small()
		case 2<<3 | wire.Varint:
			m.Number = f.Value
		case 3<<3 | wire.Varint:
			m.Acked = f.Value
		case 4<<3 | wire.Bytes:
			if ok = m.Op == nil; ok {
				m.Op, ok = CutOp(f.Bytes)
			}
		default:
			ok = false
		}
		return ok
	})
	return m, ok && m.Op != nil
}

// CutOp reads an op that AppendOp wrote, as OpFromWire would; not ok when that must say what it is.
// Its bytes are its own.
func CutOp(b []byte) (op Op, ok bool) {
	f, rest, ok := wire.Cut(b)
	if !ok || len(rest) > 0 {
		return nil, false
	}
	switch f.Key {
	case 2<<3 | wire.Bytes:
		return cutWrite(f.Bytes)
	case 4<<3 | wire.Bytes:
		return cutAcquire(f.Bytes)
	case 5<<3 | wire.Bytes:
		return cutRelease(f.Bytes)
	}
	return nil, false
}

func cutName(to *cell.Name, f *wire.Field) bool {
	n, err := cell.ParseName(string(f.Bytes)) // which looks at the UTF-8 too
	*to = n
	return err == nil
}

func cutWrite(b []byte) (op Op, ok bool) {
	o := &Write{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&o.Name, &f)
		case 2<<3 | wire.Fixed64:
			o.Instance = f.Value
		case 3<<3 | wire.Bytes:
			o.Contents = f.Copy()
		case 4<<3 | wire.Varint:
			generation := f.Value
			o.IfGeneration = &generation
		case 5<<3 | wire.Varint:
			o.OrCreate = f.Value != 0
		case 6<<3 | wire.Varint:
			o.Ephemeral = f.Value != 0
		case 7<<3 | wire.Varint:
			o.Parents = f.Value != 0
		case 8<<3 | wire.Bytes:
			held := &cell.Sequencer{}
			ok = o.IfHeld == nil && cutSequencer(held, f.Bytes)
			o.IfHeld = held
		default:
			ok = false
		}
		return ok
	})
	return o, ok && o.Name != ""
}

func cutAcquire(b []byte) (op Op, ok bool) {
	o := &Acquire{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&o.Name, &f)
		case 2<<3 | wire.Fixed64:
			o.Instance = f.Value
		case 3<<3 | wire.Varint:
			o.Mode, ok = cell.Mode(f.Value), f.Value <= uint64(cell.Exclusive)
		case 4<<3 | wire.Varint:
			o.Wait = f.Value != 0
		case 5<<3 | wire.Varint:
			o.Create = f.Value != 0
		case 6<<3 | wire.Varint:
			o.Delay = int64(f.Value)
		case 7<<3 | wire.Varint:
			o.Margin = int64(f.Value)
		default:
			ok = false
		}
		return ok
	})
	return o, ok && o.Name != ""
}

func cutRelease(b []byte) (op Op, ok bool) {
	o := &Release{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&o.Name, &f)
		case 2<<3 | wire.Fixed64:
			o.Hold = f.Value
		default:
			ok = false
		}
		return ok
	})
	return o, ok && o.Name != ""
}

func cutSequencer(q *cell.Sequencer, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			q.Mode, ok = cell.Mode(f.Value), f.Value <= uint64(cell.Exclusive)
		case 2<<3 | wire.Fixed64:
			q.Grant = f.Value
		case 3<<3 | wire.Fixed64:
			q.Hold = f.Value
		case 4<<3 | wire.Fixed64:
			q.Instance = f.Value
		case 5<<3 | wire.Bytes:
			ok = cutName(&q.Name, &f)
		default:
			ok = false
		}
		return ok
	}) && q.Name != ""
}
