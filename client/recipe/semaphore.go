package recipe

import (
	"context"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Semaphore lets a number of holders in at a time, in the order in which they asked.
//
// At most that many permits have a Context that has not ended. Acquire costs four commits, Release
// one. No herd: one waiter watches the permits, the others stand in the queue of a native lock
// behind it. A dead holder's permit comes free when the lease of its session has run out; so long
// may a waiter who dies at the head of the queue keep the others waiting, too.
type Semaphore struct {
	s    *client.Session
	name string
	n    int
}

// NewSemaphore speaks of the semaphore of n holders at name, where all must say the same n. It
// touches no network.
func NewSemaphore(s *client.Session, name string, n int) *Semaphore { return &Semaphore{s, name, n} }

// Permit is a place within a semaphore.
type Permit struct{ place *place }

// Acquire waits for a permit. ctx bounds the waiting only.
func (m *Semaphore) Acquire(ctx context.Context) (*Permit, error) {
	p, err := steps.TakePermit(port{ctx, m.s}, m.name, m.n)
	if err != nil {
		return nil, err
	}
	return &Permit{&place{m.s, p}}, nil
}

// Context ends before anybody else can get the permit.
func (p *Permit) Context() context.Context { return p.place.context() }

// Sequencer proves the permit: it is stale as soon as the permit has ended. Permits held together
// have different ones.
func (p *Permit) Sequencer() cell.Sequencer { return p.place.sequencer() }

// Release gives the permit back.
func (p *Permit) Release(ctx context.Context) error { return p.place.leave(ctx) }
