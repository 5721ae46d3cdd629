package tree

import "github.com/leasehold/leasehold/lease"

// Age is how long the cell has counted times-to-live, over all masterships: they are lengths of it.
// Its master says from time to time that so much has passed for certain, and how much will have passed
// at most before it says so again (L6 does the same with leases): in between it never counts further
// than that. A change keeps Upto, so it is taken for younger than it is; the next master goes on from
// Passed, so it counts less than has passed. Both make a node go late, never early, and neither begins
// its time anew. As a transaction it moves the cell's Age on; what would move it back does nothing.
type Age struct{ Passed, Upto lease.Duration }

const maxAge = 1 << 61 // 73 years, and no sum with a time-to-live overflows

// Age is the cell's.
func (f *facts) Age() Age { return f.age }

// Invalid: see Op.
func (o *Age) Invalid() string {
	if o.Passed < 0 || o.Upto < o.Passed || o.Upto > maxAge {
		return "an age of the cell that cannot be"
	}
	return ""
}
