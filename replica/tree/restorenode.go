package tree

import (
	"unicode/utf8"

	"github.com/leasehold/leasehold/cell/wire"
)

// Nearly all of a large snapshot is nodes with nothing out of the ordinary: those are read without the protobuf
// runtime, as transactions are. The bytes are those of wire.SnapElement.

// plainNode reads an element into w, which is empty. Not ok: it is no such node, or something is wrong with it, and
// the runtime says what.
func plainNode(element []byte, w *wire.SnapNode) (ok bool) {
	outer, rest, ok := wire.Cut(element)
	if !ok || len(rest) > 0 || outer.Key != 2<<3|wire.Bytes {
		return false
	}
	for b := outer.Bytes; len(b) > 0; { // wire.Each would allocate a closure for each of millions of nodes
		var f wire.Field
		if f, b, ok = wire.Cut(b); !ok || !plainNumber(w, &f) && !plainText(w, &f) {
			return false
		}
	}
	return true
}

func plainText(w *wire.SnapNode, f *wire.Field) bool {
	switch f.Key {
	case 1<<3 | wire.Bytes:
		w.Name = string(f.Bytes)
		return utf8.Valid(f.Bytes)
	case 2<<3 | wire.Bytes:
		if w.Contents = f.Bytes; len(f.Bytes) > mostPacked { // what is smaller is copied where it is packed
			w.Contents = f.Copy()
		}
		return len(w.Contents) > 0
	}
	return false
}

func plainNumber(w *wire.SnapNode, f *wire.Field) bool {
	switch f.Key {
	case 3<<3 | wire.Fixed64:
		w.Instance = f.Value
	case 4<<3 | wire.Varint:
		w.ContentGeneration = f.Value
	case 5<<3 | wire.Varint:
		w.AclGeneration = f.Value
	case 6<<3 | wire.Varint:
		w.ChildrenGeneration = f.Value
	case 7<<3 | wire.Fixed64:
		w.Checksum = f.Value
	case 8<<3 | wire.Varint:
		w.Children = f.Value
	case 10<<3 | wire.Varint:
		w.Created = int64(f.Value)
	case 11<<3 | wire.Varint:
		w.Modified = int64(f.Value)
	case 12<<3 | wire.Fixed64:
		w.Zxid = f.Value
	default:
		return false
	}
	return true
}
