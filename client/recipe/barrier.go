package recipe

import (
	"context"
	"errors"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// Barrier holds everybody back until n are waiting at it, and is open from then on.
//
// Nobody passes before n were there at one time, alive as far as the cell knew; once they were,
// everybody does. It costs three commits for each who waits, one to open it, and one message to
// each for each who comes.
type Barrier struct {
	s    *client.Session
	name string
	n    int
}

// The names of those who wait at a barrier begin so; this node says that it is open.
const (
	arrived = "at-"
	opened  = "open"
)

// NewBarrier speaks of the barrier for n at name, where all must say the same n. It touches no
// network.
func NewBarrier(s *client.Session, name string, n int) *Barrier { return &Barrier{s, name, n} }

// Wait waits until the barrier is open. Who gives up, or dies, counts no longer.
func (b *Barrier) Wait(ctx context.Context) error {
	if err := agree(ctx, b.s, b.name, b.n); err != nil {
		return err
	}
	node, err := own(ctx, b.s, b.name+"/"+arrived, nil, client.Sequential())
	if err != nil {
		return err
	}
	err = openAt(ctx, b.s, b.name, b.n)
	if gone := node.Delete(ctx); err == nil && !errors.Is(gone, cell.ErrStaleHandle) {
		err = gone
	}
	return err
}

// openAt waits until the barrier is open, and opens it when n are there.
func openAt(ctx context.Context, s *client.Session, name string, n int) error {
	there := newCrowd(name)
	for e, err := range s.Watch(ctx, name, client.WithChildren()) {
		if err != nil {
			return err
		}
		there.note(e)
		if _, open := there.all[opened]; open {
			return nil
		}
		if there.synced && there.count(arrived, 0) >= n {
			if _, err := s.Create(ctx, name+"/"+opened, nil); err != nil && !errors.Is(err, cell.ErrExists) {
				return err
			}
			return nil
		}
	}
	return context.Cause(ctx)
}

// Reset closes the barrier again for those who come from now on.
func (b *Barrier) Reset(ctx context.Context) error {
	return ignore(b.s.Delete(ctx, b.name+"/"+opened), cell.ErrNotFound)
}
