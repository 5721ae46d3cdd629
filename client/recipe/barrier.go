package recipe

import (
	"context"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Barrier holds everybody back until n are waiting at it, and is open from then on.
//
// Nobody passes before n were there at one time, alive as far as the cell knew; once they were,
// everybody does. It costs two commits for each who waits, one to open it, and one message to
// each for each who comes.
type Barrier struct {
	s    *client.Session
	name string
	n    int
}

// NewBarrier speaks of the barrier for n at name, where all must say the same n. It touches no
// network.
func NewBarrier(s *client.Session, name string, n int) *Barrier { return &Barrier{s, name, n} }

// Wait waits until the barrier is open. Who gives up, or dies, counts no longer.
func (b *Barrier) Wait(ctx context.Context) error { return steps.Meet(port{ctx, b.s}, b.name, b.n) }

// Reset closes the barrier again for those who come from now on.
func (b *Barrier) Reset(ctx context.Context) error { return steps.CloseBarrier(port{ctx, b.s}, b.name) }
