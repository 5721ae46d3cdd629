package call

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

func cutCallReply(b []byte) (m *CallReply, ok bool) {
	m = &CallReply{}
	seen := false
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			m.Epoch, ok = cell.Epoch(f.Value), f.Small()
		case 2<<3 | wire.Varint:
			m.Number = f.Value
		case 3<<3 | wire.Varint:
			m.Proposed = f.Value != 0
		case 4<<3 | wire.Bytes:
			ok = !seen && cutResult(&m.Result, f.Bytes)
			seen = true
		default:
			ok = false
		}
		return ok
	})
	return m, ok
}

func cutResult(r *Result, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Fixed64:
			r.Zxid = cell.Zxid(f.Value)
		case 2<<3 | wire.Varint:
			r.Code, ok = cell.Code(f.Value), uint64(cell.Code(f.Value)) == f.Value
		case 5<<3 | wire.Varint:
			r.RetryAfter = int64(f.Value)
		case 6<<3 | wire.Bytes:
			ok = r.Stat.Name == "" && cutStat(&r.Stat, f.Bytes)
		case 7<<3 | wire.Bytes:
			ok = r.Acquired == nil
			r.Acquired = &HoldState{}
			ok = ok && cutHoldState(r.Acquired, f.Bytes)
		default:
			ok = false
		}
		return ok
	})
}

func cutHoldState(h *HoldState, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&h.Name, &f)
		case 2<<3 | wire.Fixed64:
			h.Hold = f.Value
		case 3<<3 | wire.Varint:
			h.Call = f.Value
		case 4<<3 | wire.Varint:
			h.Held = f.Value != 0
		case 5<<3 | wire.Bytes:
			ok = h.Sequencer.Name == "" && cutSequencer(&h.Sequencer, f.Bytes)
		default:
			ok = false
		}
		return ok
	}) && h.Name != ""
}

func cutStat(s *cell.Stat, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&s.Name, &f)
		case 2<<3 | wire.Fixed64:
			s.Instance = f.Value
		case 3<<3 | wire.Varint:
			s.ContentGeneration = f.Value
		case 4<<3 | wire.Varint:
			s.ACLGeneration = f.Value
		case 5<<3 | wire.Varint:
			s.ChildrenGeneration = f.Value
		case 6<<3 | wire.Fixed64:
			s.Checksum = f.Value
		case 7<<3 | wire.Varint:
			s.Size = int(f.Value)
		case 8<<3 | wire.Varint:
			s.Children = int(f.Value)
		case 9<<3 | wire.Fixed64:
			s.EphemeralOwner = cell.SessionID(f.Value)
		case 10<<3 | wire.Varint:
			s.Created = instant(int64(f.Value))
		case 11<<3 | wire.Varint:
			s.Modified = instant(int64(f.Value))
		case 12<<3 | wire.Fixed64:
			s.Zxid = cell.Zxid(f.Value)
		default:
			ok = false
		}
		return ok
	}) && s.Name != ""
}

func cutQuery(b []byte) (m *Query, ok bool) {
	m = &Query{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			m.Epoch, ok = cell.Epoch(f.Value), f.Small()
		case 2<<3 | wire.Varint:
			m.Number = f.Value
		case 3<<3 | wire.Bytes:
			read := &Read{}
			ok = m.Ask == nil && cutRead(read, f.Bytes)
			m.Ask = read
		default:
			ok = false
		}
		return ok
	})
	return m, ok && m.Ask != nil
}

func cutRead(a *Read, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = cutName(&a.Name, &f)
		case 2<<3 | wire.Fixed64:
			a.Instance = f.Value
		case 3<<3 | wire.Varint:
			a.StatOnly = f.Value != 0
		case 4<<3 | wire.Varint:
			a.Cache = f.Value != 0
		default:
			ok = false
		}
		return ok
	}) && a.Name != ""
}

func cutQueryReply(b []byte) (m *QueryReply, ok bool) {
	m = &QueryReply{}
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			m.Epoch, ok = cell.Epoch(f.Value), f.Small()
		case 2<<3 | wire.Varint:
			m.Number = f.Value
		case 6<<3 | wire.Fixed64:
			m.Zxid = cell.Zxid(f.Value)
		case 7<<3 | wire.Bytes:
			ok = m.Node == nil
			m.Node = &NodeReply{}
			ok = ok && cutNode(m.Node, f.Bytes)
		default:
			ok = false
		}
		return ok
	})
	return m, ok && m.Node != nil
}

func cutNode(n *NodeReply, b []byte) (ok bool) {
	return wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Bytes:
			ok = n.Stat.Name == "" && cutStat(&n.Stat, f.Bytes)
		case 2<<3 | wire.Bytes:
			n.Contents = f.Copy()
		case 3<<3 | wire.Varint:
			n.Absent = f.Value != 0
		case 4<<3 | wire.Bytes:
			ok = len(f.Bytes) > 0 && cutName(&n.Ancestor, &f)
		case 5<<3 | wire.Varint:
			n.Cachable = f.Value != 0
		case 6<<3 | wire.Varint:
			n.Incarnation = f.Value
		default:
			ok = false
		}
		return ok
	})
}
