package tree

import (
	"unicode/utf8"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
)

// The ops that package call writes and reads without the protobuf runtime are so here too, within
// their transaction: the bytes are those of wire.Txn. What is out of the ordinary goes the slow way,
// which alone says what is refused and why.

// encodeDirect is Encode for those ops; nil for the others.
func encodeDirect(t *Txn) []byte {
	op, ok := t.Op.(call.Op)
	if !ok {
		return nil
	}
	size := roughTxn
	if w, ok := op.(*call.Write); ok {
		size += len(w.Name) + len(w.Contents)
	}
	for _, n := range t.Names {
		size += len(n)
	}
	b := wire.AppendUint(make([]byte, 0, size), 1, uint64(t.Time))
	for _, n := range t.Names {
		b = wire.AppendItem(b, 2, n)
	}
	b = wire.AppendFixed64(b, 3, uint64(t.Session))
	b = wire.AppendUint(b, 4, t.Call)
	b = wire.AppendUint(b, 5, t.Acked)
	b = wire.AppendText(b, 6, t.Principal)
	b, at := wire.Open(b, 8)
	if b, ok = call.AppendOp(b, op); !ok {
		return nil
	}
	return wire.Close(b, at)
}

// roughTxn is about how many bytes a transaction takes beside names and contents.
const roughTxn = 96

// principal reads a text, without the heap where it is the one of a cell without TLS.
func principal(b []byte) (string, bool) {
	if string(b) == cell.Anonymous {
		return cell.Anonymous, true
	}
	return string(b), utf8.Valid(b)
}

// decodeDirect is decode for what encodeDirect writes, as long as nothing is wrong with it.
func decodeDirect(b []byte) (t Txn, ok bool) {
	ok = wire.Each(b, func(f wire.Field) bool {
		ok := true
		switch f.Key {
		case 1<<3 | wire.Varint:
			t.Time = int64(f.Value)
		case 2<<3 | wire.Bytes:
			n, err := cell.ParseName(string(f.Bytes))
			t.Names, ok = append(t.Names, n), err == nil && len(t.Names) < MaxTxnNames
		case 3<<3 | wire.Fixed64:
			t.Session = cell.SessionID(f.Value)
		case 4<<3 | wire.Varint:
			t.Call = f.Value
		case 5<<3 | wire.Varint:
			t.Acked = f.Value
		case 6<<3 | wire.Bytes:
			t.Principal, ok = principal(f.Bytes)
		case 8<<3 | wire.Bytes:
			if ok = t.Op == nil; ok {
				t.Op, ok = call.CutOp(f.Bytes)
			}
		default:
			ok = false
		}
		return ok
	})
	return t, ok && t.Op != nil && t.Invalid() == ""
}
