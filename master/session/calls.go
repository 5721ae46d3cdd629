package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Verdict is what the gate makes of a call's number.
type Verdict uint8

// The verdicts.
const (
	Fresh   Verdict = iota + 1 // it is the next: take it
	Flying                     // it was taken and is on its way: its answer will come
	Old                        // the tree has passed it: answer from the record, or refuse
	Gap                        // one before it is missing: it must be sent again, after that one
	Unheard                    // one before it was refused and not recorded, and its client may not know
)

// Calls are the call numbers of one session that are on their way through the master. The zero
// Calls takes whatever number above the tree's comes first.
type Calls struct {
	next    uint64   // 0: any
	flying  []uint64 // taken and not yet answered, rising
	refused uint64   // the newest number refused before it was proposed; 0: none
	elders  []uint64 // sent on an older stream, and not again on this one; rising
}

// Judge tells what to do with a number, when the tree has applied the session's calls up to last
// and the client has every answer up to acked.
//
// Nothing is taken behind a refusal that the client may not have heard: it would send the refused
// call again, and that would then take effect after one that was asked for later.
func (c *Calls) Judge(number, acked, last uint64) Verdict {
	if _, ok := slices.BinarySearch(c.flying, number); ok {
		return Flying
	}
	if n := len(c.flying); number <= last || (n > 0 && number < c.flying[n-1]) {
		return Old
	}
	if c.next != 0 && number > c.next {
		return Gap
	}
	if number > c.refused && acked < c.refused {
		return Unheard
	}
	return Fresh
}

// Take notes a fresh number as on its way.
func (c *Calls) Take(number uint64) {
	n := len(c.flying)
	cell.Assert(n == 0 || c.flying[n-1] < number, "call %d is taken after a later one", number)
	c.flying = append(c.flying, number)
	c.next = number + 1
	if number <= c.refused {
		c.refused = 0 // its answer was lost, and it is tried again
	}
}

// Refused notes that the call is over, without a record of it in the tree.
func (c *Calls) Refused(number uint64) {
	c.Answered(number)
	c.refused = number
}

// Answered notes that the call is over.
func (c *Calls) Answered(number uint64) {
	if i, ok := slices.BinarySearch(c.flying, number); ok {
		c.flying = slices.Delete(c.flying, i, i+1)
	}
}

// SendAgain notes that number was turned away and will be sent again: none after it is taken
// before that.
func (c *Calls) SendAgain(number uint64) { c.next = number }

// Rejoin is a new stream: the client sends what is unanswered again, in order.
func (c *Calls) Rejoin() {
	c.next = 0
	c.elders = slices.Clone(c.flying)
}

// Heard notes that number was sent on the stream of now.
func (c *Calls) Heard(number uint64) {
	if i, ok := slices.BinarySearch(c.elders, number); ok {
		c.elders = slices.Delete(c.elders, i, i+1)
	}
}

// Owed reports whether the answer to number belongs on the stream of now: not before it was sent
// there. What the client asks for first on a stream, watches, is then answered first (C9).
func (c *Calls) Owed(number uint64) bool {
	_, elder := slices.BinarySearch(c.elders, number)
	return !elder
}

// InFlight is how many calls are on their way.
func (c *Calls) InFlight() int { return len(c.flying) }
