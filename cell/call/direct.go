package call

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Calls, reads and their replies are most of what is said, and ops most of what the log holds:
// they are written and read here, field by field, without the protobuf runtime. The bytes are
// those of the schema. Whatever is out of the ordinary (another op, a field not named here, one
// that comes twice, a bad name) is left to the slow way, so there is one truth about what is
// refused. A struct that has grown a field is compared whole before it is written, where it
// can be: what is not known here goes the slow way too. Where not, TestNoFieldIsForgotten finds it.

// appendDirect appends m's body; not ok when it is none of those.
func appendDirect(b []byte, m Message) (kind uint8, out []byte, ok bool) {
	switch m := m.(type) {
	case *Call:
		return appendCall(b, m)
	case *CallReply:
		b = wire.AppendUint(b, 1, uint64(m.Epoch))
		b = wire.AppendUint(b, 2, m.Number)
		b = wire.AppendBool(b, 3, m.Proposed)
		b, at := wire.Open(b, 4)
		if b, ok = appendResult(b, &m.Result); !ok {
			return 0, nil, false
		}
		return typeCallReply, wire.Close(b, at), true
	case *Query:
		return appendQuery(b, m)
	case *QueryReply:
		return appendQueryReply(b, m)
	}
	return 0, nil, false
}

func appendCall(b []byte, m *Call) (kind uint8, out []byte, ok bool) {
	if m.Handle != nil {
		return 0, nil, false
	}
	b = wire.AppendUint(b, 1, uint64(m.Epoch))
	b = wire.AppendUint(b, 2, m.Number)
	b = wire.AppendUint(b, 3, m.Acked)
	b, at := wire.Open(b, 4)
	if b, ok = AppendOp(b, m.Op); !ok {
		return 0, nil, false
	}
	return typeCall, wire.Close(b, at), true
}

// AppendOp appends op's encoding, that of OpToWire; not ok when only that one knows it.
func AppendOp(b []byte, op Op) (out []byte, ok bool) {
	switch o := op.(type) {
	case *Write:
		if o.Lasting != (Lasting{}) || o.ACL != (cell.ACL{}) {
			return nil, false
		}
		return appendWrite(b, o), true
	case *Acquire:
		if *o != (Acquire{Name: o.Name, Instance: o.Instance, Mode: o.Mode, Wait: o.Wait, Create: o.Create,
			Delay: o.Delay, Margin: o.Margin}) {
			return nil, false // a note may be no UTF-8
		}
		b, at := wire.Open(b, 4)
		b = wire.AppendText(b, 1, o.Name)
		b = wire.AppendFixed64(b, 2, o.Instance)
		b = wire.AppendUint(b, 3, uint64(o.Mode))
		b = wire.AppendBool(b, 4, o.Wait)
		b = wire.AppendBool(b, 5, o.Create)
		b = wire.AppendUint(b, 6, uint64(o.Delay))
		b = wire.AppendUint(b, 7, uint64(o.Margin))
		return wire.Close(b, at), true
	case *Release:
		if *o != (Release{Name: o.Name, Hold: o.Hold}) {
			return nil, false
		}
		b, at := wire.Open(b, 5)
		b = wire.AppendText(b, 1, o.Name)
		b = wire.AppendFixed64(b, 2, o.Hold)
		return wire.Close(b, at), true
	}
	return nil, false
}

func appendWrite(b []byte, o *Write) []byte {
	b, at := wire.Open(b, 2)
	b = wire.AppendText(b, 1, o.Name)
	b = wire.AppendFixed64(b, 2, o.Instance)
	b = wire.AppendText(b, 3, o.Contents)
	if o.IfGeneration != nil {
		b = appendOptional(b, 4, *o.IfGeneration)
	}
	b = wire.AppendBool(b, 5, o.OrCreate)
	b = wire.AppendBool(b, 6, o.Ephemeral)
	b = wire.AppendBool(b, 7, o.Parents)
	if o.IfHeld != nil && o.IfHeld.Name != "" {
		b = appendSequencer(b, 8, o.IfHeld)
	}
	return wire.Close(b, at)
}

// appendOptional appends a number that is there even when it is 0.
func appendOptional(b []byte, number int, v uint64) []byte {
	if v == 0 {
		return append(b, byte(number<<3)|byte(wire.Varint), 0)
	}
	return wire.AppendUint(b, number, v)
}

func appendSequencer(b []byte, number int, q *cell.Sequencer) []byte {
	b, at := wire.Open(b, number)
	b = wire.AppendUint(b, 1, uint64(q.Mode))
	b = wire.AppendFixed64(b, 2, q.Grant)
	b = wire.AppendFixed64(b, 3, q.Hold)
	b = wire.AppendFixed64(b, 4, q.Instance)
	b = wire.AppendText(b, 5, q.Name)
	return wire.Close(b, at)
}

// appendResult knows results of single ops, without a message, a limit or the lock in the way.
func appendResult(b []byte, r *Result) (out []byte, ok bool) {
	if r.Message != "" || r.Limit != nil || r.Lock != nil || len(r.Parts) > 0 || r.Refused != 0 {
		return nil, false
	}
	b = wire.AppendFixed64(b, 1, uint64(r.Zxid))
	b = wire.AppendUint(b, 2, uint64(r.Code))
	b = wire.AppendUint(b, 5, uint64(r.RetryAfter))
	if b, ok = appendStat(b, 6, &r.Stat); !ok {
		return nil, false
	}
	if h := r.Acquired; h != nil {
		if *h != (HoldState{Name: h.Name, Hold: h.Hold, Call: h.Call, Held: h.Held, Sequencer: h.Sequencer}) {
			return nil, false
		}
		var at int
		b, at = wire.Open(b, 7)
		b = wire.AppendText(b, 1, h.Name)
		b = wire.AppendFixed64(b, 2, h.Hold)
		b = wire.AppendUint(b, 3, h.Call)
		b = wire.AppendBool(b, 4, h.Held)
		if h.Sequencer.Name != "" {
			b = appendSequencer(b, 5, &h.Sequencer)
		}
		b = wire.Close(b, at)
	}
	return b, true
}

// appendStat appends nothing for the zero Stat.
func appendStat(b []byte, number int, s *cell.Stat) (out []byte, ok bool) {
	if *s != (cell.Stat{Name: s.Name, Instance: s.Instance, ContentGeneration: s.ContentGeneration,
		ACLGeneration: s.ACLGeneration, ChildrenGeneration: s.ChildrenGeneration, Checksum: s.Checksum, Size: s.Size,
		Children: s.Children, EphemeralOwner: s.EphemeralOwner, Created: s.Created, Modified: s.Modified, Zxid: s.Zxid}) {
		return nil, false
	}
	if s.Name == "" {
		return b, true
	}
	b, at := wire.Open(b, number)
	b = wire.AppendText(b, 1, s.Name)
	b = wire.AppendFixed64(b, 2, s.Instance)
	b = wire.AppendUint(b, 3, s.ContentGeneration)
	b = wire.AppendUint(b, 4, s.ACLGeneration)
	b = wire.AppendUint(b, 5, s.ChildrenGeneration)
	b = wire.AppendFixed64(b, 6, s.Checksum)
	b = wire.AppendUint(b, 7, uint64(s.Size))
	b = wire.AppendUint(b, 8, uint64(s.Children))
	b = wire.AppendFixed64(b, 9, uint64(s.EphemeralOwner))
	b = wire.AppendUint(b, 10, uint64(nanos(s.Created)))
	b = wire.AppendUint(b, 11, uint64(nanos(s.Modified)))
	b = wire.AppendFixed64(b, 12, uint64(s.Zxid))
	return wire.Close(b, at), true
}

func appendQuery(b []byte, m *Query) (kind uint8, out []byte, ok bool) {
	a, ok := m.Ask.(*Read)
	if !ok || m.Handle != nil || m.IfHeld != nil || m.AtReplica || m.Seen != 0 ||
		*a != (Read{Name: a.Name, Instance: a.Instance, StatOnly: a.StatOnly, Cache: a.Cache}) {
		return 0, nil, false
	}
	b = wire.AppendUint(b, 1, uint64(m.Epoch))
	b = wire.AppendUint(b, 2, m.Number)
	b, at := wire.Open(b, 3)
	b = wire.AppendText(b, 1, a.Name)
	b = wire.AppendFixed64(b, 2, a.Instance)
	b = wire.AppendBool(b, 3, a.StatOnly)
	b = wire.AppendBool(b, 4, a.Cache)
	return typeQuery, wire.Close(b, at), true
}

// appendQueryReply knows the answers to reads.
func appendQueryReply(b []byte, m *QueryReply) (kind uint8, out []byte, ok bool) {
	n := m.Node
	if n == nil || n.Handle != nil || *m != (QueryReply{Epoch: m.Epoch, Number: m.Number, Zxid: m.Zxid, Node: n}) {
		return 0, nil, false
	}
	b = wire.AppendUint(b, 1, uint64(m.Epoch))
	b = wire.AppendUint(b, 2, m.Number)
	b = wire.AppendFixed64(b, 6, uint64(m.Zxid))
	b, at := wire.Open(b, 7)
	if b, ok = appendStat(b, 1, &n.Stat); !ok {
		return 0, nil, false
	}
	b = wire.AppendText(b, 2, n.Contents)
	b = wire.AppendBool(b, 3, n.Absent)
	b = wire.AppendText(b, 4, n.Ancestor)
	b = wire.AppendBool(b, 5, n.Cachable)
	b = wire.AppendUint(b, 6, n.Incarnation)
	return typeQueryReply, wire.Close(b, at), true
}
