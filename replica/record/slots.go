package record

import "encoding/binary"

const (
	slotLetters = "SLOT"
	slotLeast   = 4096 // a sector, or several: a write that is torn spoils no other slot
	slotHead    = 4    // the length of what is sealed
)

// Slots is what the file of the hard state holds: two copies of it, each in a slot of its own, with the
// number of its save. A save writes the slot of its number's parity, and is durable once that is synced;
// then the other slot is given the same. So at every instant one of the two is whole and as new as what
// was promised, and where neither is being written a flipped bit in one is made good by the other.
type Slots struct {
	Hard   HardState
	Number uint64   // of the newest save
	At     int      // the slot that holds it, 0 or 1
	Alike  bool     // the other one does too
	Size   int      // of one slot, in bytes
	Spoilt *Refusal // what is wrong with the other one; nil: it is whole
}

// SlotSize is how large the slots of a file are that keeps h: at least as large as they were.
func SlotSize(h HardState, was int) int {
	size := max(was, slotLeast)
	for need := slotHead + sealBytes + 8 + len(EncodeHard(h)); size < need; {
		size *= 2
	}
	return size
}

// EncodeSlot is a slot of size bytes.
func EncodeSlot(h HardState, number uint64, size int) []byte {
	le := binary.LittleEndian
	sealed := seal(slotLetters, append(le.AppendUint64(nil, number), EncodeHard(h)...))
	b := make([]byte, size)
	le.PutUint32(b, uint32(len(sealed)))
	copy(b[slotHead:], sealed)
	return b
}

// SlotOf is in which slot, 0 or 1, the save of that number is made.
func SlotOf(number uint64) int { return int(number % 2) }

// DecodeSlots reads a file of two slots. The error is a *Refusal: neither is whole, or a newer version of
// the program wrote them.
func DecodeSlots(b []byte) (Slots, error) {
	const name = "the hard state"
	size := len(b) / 2
	if size < slotLeast || len(b)%2 != 0 {
		return Slots{}, Damaged("%s is %d bytes long", name, len(b))
	}
	one, number1, err1 := decodeSlot(name, b[:size])
	two, number2, err2 := decodeSlot(name, b[size:])
	for _, err := range []*Refusal{err1, err2} {
		if err != nil && (err.Reason == ErrNewer || err1 != nil && err2 != nil) {
			return Slots{}, err
		}
	}
	if err1 != nil || err2 == nil && number2 > number1 {
		return Slots{Hard: two, Number: number2, At: 1, Size: size, Spoilt: err1}, nil
	}
	return Slots{Hard: one, Number: number1, Alike: err2 == nil && number1 == number2, Size: size, Spoilt: err2}, nil
}

func decodeSlot(name string, b []byte) (HardState, uint64, *Refusal) {
	n := binary.LittleEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-slotHead) || !zeros(b[slotHead+n:]) {
		return HardState{}, 0, Damaged("a slot of %s does not end where it says", name)
	}
	c, err := unseal(name, slotLetters, b[slotHead:slotHead+n])
	if err != nil {
		return HardState{}, 0, asRefusal(err)
	}
	number := c.u64()
	if c.short {
		return HardState{}, 0, Damaged("a slot of %s is too short", name)
	}
	h, err := DecodeHard(c.rest)
	return h, number, asRefusal(err)
}

// asRefusal is what decoders of this package give for an error; nil for nil.
func asRefusal(err error) *Refusal {
	r, _ := err.(*Refusal)
	return r
}
