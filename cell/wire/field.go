package wire

import (
	"encoding/binary"

	"google.golang.org/protobuf/encoding/protowire"
)

// What is read and written most goes without the protobuf runtime: field by field, with what is
// here. The bytes are those of the schema; the runtime reads them alike.

// The forms of a field, as its key has them: KEY is NUMBER<<3 | form.
const (
	Varint  = uint64(protowire.VarintType)
	Fixed64 = uint64(protowire.Fixed64Type)
	Bytes   = uint64(protowire.BytesType)
	Fixed32 = uint64(protowire.Fixed32Type)
)

// Field is one field of an encoded message: its key, and a number, or the bytes of a text or of a
// nested message, which are part of what it was cut from.
type Field struct {
	Key   uint64
	Value uint64
	Bytes []byte
}

// Cut takes the first field off b; not ok when none is there whole.
func Cut(b []byte) (f Field, rest []byte, ok bool) {
	n := 0
	if len(b) > 0 && b[0] < 0x80 {
		f.Key, n = uint64(b[0]), 1
	} else {
		f.Key, n = protowire.ConsumeVarint(b)
	}
	if n < 0 || f.Key>>3 == 0 || f.Key>>3 > uint64(protowire.MaxValidNumber) {
		return f, nil, false
	}
	b = b[n:]
	switch f.Key & 7 {
	case Varint:
		f.Value, n = protowire.ConsumeVarint(b)
	case Fixed64:
		f.Value, n = protowire.ConsumeFixed64(b)
	case Fixed32:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.Value = uint64(v)
	case Bytes:
		f.Bytes, n = protowire.ConsumeBytes(b)
	default:
		n = -1
	}
	if n < 0 {
		return f, nil, false
	}
	return f, b[n:], true
}

// Each gives take the fields of an encoded message, one after the other; false as soon as take says
// so, or when b is cut off within one.
func Each(b []byte, take func(f Field) bool) bool {
	for len(b) > 0 {
		f, rest, ok := Cut(b)
		if !ok || !take(f) {
			return false
		}
		b = rest
	}
	return true
}

// Small reports whether the field's number fits 32 bits: the runtime would cut it off.
func (f *Field) Small() bool { return f.Value>>32 == 0 }

// Copy is the field's bytes, the caller's own; nil when there are none.
func (f *Field) Copy() []byte { return append([]byte(nil), f.Bytes...) }

// AppendUint appends a varint field, as proto3 does: nothing for 0. number is below 16, here and
// below: the key is one byte.
func AppendUint(b []byte, number int, v uint64) []byte {
	if v == 0 {
		return b
	}
	return binary.AppendUvarint(append(b, byte(number<<3)|byte(Varint)), v)
}

// AppendBool appends a bool; nothing for false.
func AppendBool(b []byte, number int, v bool) []byte {
	if !v {
		return b
	}
	return append(b, byte(number<<3)|byte(Varint), 1)
}

// AppendFixed64 appends eight bytes; nothing for 0.
func AppendFixed64(b []byte, number int, v uint64) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint64(append(b, byte(number<<3)|byte(Fixed64)), v)
}

// AppendFixed32 appends four bytes; nothing for 0.
func AppendFixed32(b []byte, number int, v uint32) []byte {
	if v == 0 {
		return b
	}
	return binary.LittleEndian.AppendUint32(append(b, byte(number<<3)|byte(Fixed32)), v)
}

// AppendText appends a string, which must be valid UTF-8, or bytes; nothing when it is empty.
func AppendText[T ~string | ~[]byte](b []byte, number int, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return AppendItem(b, number, v)
}

// AppendItem is AppendText for one of several: an empty one is appended too.
func AppendItem[T ~string | ~[]byte](b []byte, number int, v T) []byte {
	b = binary.AppendUvarint(append(b, byte(number<<3)|byte(Bytes)), uint64(len(v)))
	return append(b, v...)
}

// Open begins a nested message: what is appended up to Close is its body. at is Close's.
func Open(b []byte, number int) (out []byte, at int) {
	b = append(b, byte(number<<3)|byte(Bytes), 0)
	return b, len(b)
}

// Close ends a nested message that Open began.
func Close(b []byte, at int) []byte {
	size := len(b) - at
	if size < 0x80 {
		b[at-1] = byte(size)
		return b
	}
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(size))
	b = append(b, length[1:n]...) // room: the body moves up by as much
	copy(b[at+n-1:], b[at:at+size])
	copy(b[at-1:], length[:n])
	return b
}
