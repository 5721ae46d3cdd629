package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// knows refuses what only a newer format has: a replica stops at such a record (Z16).
func (t *Tree) knows(op Op) error {
	format := uint32(0)
	switch o := op.(type) {
	case *Birth:
		format = o.Format
	case *Raise:
		format = o.Format
	}
	if format > t.highest {
		return unknownFormat(fmt.Sprintf("the cell's format is %d from here on, and this version knows up to %d", format,
			t.highest))
	}
	return nil
}

// decideRaise refuses to go back.
func (t *Tree) decideRaise(o *Raise) error {
	if o.Format <= t.format {
		return fmt.Errorf("%w: the cell's format is %d already", cell.ErrConflict, t.format)
	}
	return nil
}
