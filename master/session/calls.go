package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Verdict is what the gate makes of a call's number.
type Verdict uint8

// The verdicts.
const (
	Fresh  Verdict = iota + 1 // it is the next: take it
	Flying                    // it was taken and is on its way: its answer will come
	Old                       // the tree has passed it: answer from the record, or refuse
	Gap                       // one before it is missing: it must be sent again, after that one
)

// Calls are the call numbers of one session that are on their way through the master. The zero
// Calls takes whatever number above the tree's comes first.
type Calls struct {
	next   uint64   // 0: any
	flying []uint64 // taken and not yet answered, rising
}

// Judge tells what to do with a number, when the tree has applied the session's calls up to last.
func (c *Calls) Judge(number, last uint64) Verdict {
	if _, ok := slices.BinarySearch(c.flying, number); ok {
		return Flying
	}
	if n := len(c.flying); number <= last || (n > 0 && number < c.flying[n-1]) {
		return Old
	}
	if c.next != 0 && number > c.next {
		return Gap
	}
	return Fresh
}

// Take notes a fresh number as on its way.
func (c *Calls) Take(number uint64) {
	n := len(c.flying)
	cell.Assert(n == 0 || c.flying[n-1] < number, "call %d is taken after a later one", number)
	c.flying = append(c.flying, number)
	c.next = number + 1
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
func (c *Calls) Rejoin() { c.next = 0 }

// InFlight is how many calls are on their way.
func (c *Calls) InFlight() int { return len(c.flying) }
