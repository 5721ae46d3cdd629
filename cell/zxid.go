package cell

import (
	"fmt"
	"strconv"
	"strings"
)

// Epoch numbers a Zab epoch. 0 means none yet.
type Epoch uint32

// Zxid numbers a transaction: the epoch in the high 32 bits, a counter from 1 in the low 32.
// The zero Zxid lies before every transaction.
type Zxid uint64

// MaxCounter is the last counter of an epoch; after it the master opens the next epoch (Z13).
const MaxCounter = 1<<32 - 1

// MakeZxid puts epoch and counter together.
func MakeZxid(e Epoch, counter uint32) Zxid { return Zxid(uint64(e)<<32 | uint64(counter)) }

// Epoch is the epoch in which z was proposed.
func (z Zxid) Epoch() Epoch { return Epoch(z >> 32) }

// Counter is z's place in its epoch, from 1.
func (z Zxid) Counter() uint32 { return uint32(z) }

// Next is the zxid that follows z in the same epoch. The counter must not be full.
func (z Zxid) Next() Zxid {
	Assert(z.Counter() < MaxCounter, "zxid %v has no successor in its epoch", z)
	return z + 1
}

// String is the text form EPOCH.COUNTER, both decimal.
func (z Zxid) String() string { return fmt.Sprintf("%d.%d", z.Epoch(), z.Counter()) }

// ParseZxid reads the text form.
func ParseZxid(s string) (Zxid, error) {
	e, c, ok := strings.Cut(s, ".")
	epoch, err1 := strconv.ParseUint(e, 10, 32)
	counter, err2 := strconv.ParseUint(c, 10, 32)
	if !ok || err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%w: zxid %q is not EPOCH.COUNTER, both decimal", ErrUsage, s)
	}
	return MakeZxid(Epoch(epoch), uint32(counter)), nil
}
