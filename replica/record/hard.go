package record

import (
	"encoding/binary"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

const hardLetters = "HARD"

// The flags of a hard state. The numbers are part of the format.
const (
	flagBegun    byte = 1
	flagCopied   byte = 2
	flagAdmitted byte = 4
	flagRemoved  byte = 8
	flagSuspect  byte = 16

	allFlags = flagBegun | flagCopied | flagAdmitted | flagRemoved | flagSuspect
)

func bit(set bool, flag byte) byte {
	if set {
		return flag
	}
	return 0
}

// EncodeHard is the hard state as its file keeps it.
func EncodeHard(h HardState) []byte {
	cell.Assert(len(h.Seen) <= MaxSeen, "%d boot counters in the hard state", len(h.Seen))
	le := binary.LittleEndian
	b := le.AppendUint64(nil, uint64(h.Incarnation))
	b = le.AppendUint64(b, h.Boot)
	b = append(b, byte(h.Standing))
	b = le.AppendUint32(b, uint32(h.AcceptedEpoch))
	b = le.AppendUint32(b, uint32(h.AcceptedFrom))
	b = le.AppendUint32(b, uint32(h.CurrentEpoch))
	b = le.AppendUint64(b, uint64(h.LongestPromise))
	b = le.AppendUint64(b, h.ListCommitted)
	b = append(b, bit(h.Begun, flagBegun)|bit(h.Copied, flagCopied)|
		bit(h.Admitted, flagAdmitted)|bit(h.Removed, flagRemoved)|bit(h.Quarantined, flagSuspect))
	b = le.AppendUint32(b, uint32(len(h.Seen)))
	for _, s := range h.Seen {
		b = le.AppendUint32(b, uint32(s.ID))
		b = le.AppendUint64(b, uint64(s.Incarnation))
		b = le.AppendUint64(b, s.Boot)
	}
	return seal(hardLetters, b)
}

// DecodeHard reads EncodeHard's bytes. The error is a *Refusal.
func DecodeHard(b []byte) (HardState, error) {
	const name = "the hard state"
	c, err := unseal(name, hardLetters, b)
	if err != nil {
		return HardState{}, err
	}
	h := HardState{
		Incarnation: cell.Incarnation(c.u64()), Boot: c.u64(), Standing: Standing(c.u8()),
		AcceptedEpoch: cell.Epoch(c.u32()), AcceptedFrom: cell.ReplicaID(c.u32()),
		CurrentEpoch: cell.Epoch(c.u32()), LongestPromise: lease.Duration(c.u64()),
		ListCommitted: c.u64(),
	}
	flags := c.u8()
	h.Begun, h.Copied = flags&flagBegun != 0, flags&flagCopied != 0
	h.Admitted, h.Removed = flags&flagAdmitted != 0, flags&flagRemoved != 0
	h.Quarantined = flags&flagSuspect != 0
	n := c.u32()
	if n > MaxSeen || flags > allFlags || h.LongestPromise < 0 {
		return HardState{}, Damaged("%s holds a value that cannot be", name)
	}
	if h.Standing > Learner {
		return HardState{}, Newer("%s holds the unknown standing %d", name, h.Standing)
	}
	for ; n > 0 && !c.short; n-- {
		h.Seen = append(h.Seen, Seen{cell.ReplicaID(c.u32()), cell.Incarnation(c.u64()), c.u64()})
	}
	if err := c.end(name); err != nil {
		return HardState{}, err
	}
	return h, nil
}
