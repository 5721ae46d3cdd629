package recipe

import (
	"context"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// SequentialLock is ZooKeeper's lock recipe: who wants the lock makes a sequential ephemeral node
// and waits for the one before it; for a shared lock, for the last writer before it. It is here for
// those who port code.
//
// Session.Lock is better: the queue is the cell's own, a hand-over is one commit and one message
// instead of two commits and a list read again, a hold rides out an outage by its lock-delay, and
// cellctl locks shows who waits. What this recipe adds to ZooKeeper's is an honest loss: the hold's
// Context ends before anybody else can have the lock, and there is a sequencer. No herd: one waiter
// wakes for each end of an exclusive hold, or all readers up to the next writer.
type SequentialLock struct {
	s    *client.Session
	name string
}

// NewSequentialLock speaks of the lock whose queue is below name. It touches no network.
func NewSequentialLock(s *client.Session, name string) *SequentialLock {
	return &SequentialLock{s, name}
}

// SequentialHold is the lock being held.
type SequentialHold struct{ place *place }

// Lock waits for the lock. When ctx ends nothing is held, and the node in the queue goes.
func (l *SequentialLock) Lock(ctx context.Context) (*SequentialHold, error) {
	return l.take(ctx, steps.Writer)
}

// RLock waits for the lock beside other shared holders. Those who came before a writer hold
// together, those who came after wait for it.
func (l *SequentialLock) RLock(ctx context.Context) (*SequentialHold, error) {
	return l.take(ctx, steps.Reader)
}

func (l *SequentialLock) take(ctx context.Context, kind string) (*SequentialHold, error) {
	p, err := steps.TakeInTurn(port{ctx, l.s}, l.name, kind)
	if err != nil {
		return nil, err
	}
	return &SequentialHold{&place{l.s, p}}, nil
}

// Context ends before anybody else can get the lock.
func (h *SequentialHold) Context() context.Context { return h.place.context() }

// Sequencer proves the hold, to who asks the cell. Its token is that of our coming, not of the
// grant: a resource that keeps the highest token it has seen wants Session.Lock.
func (h *SequentialHold) Sequencer() cell.Sequencer { return h.place.sequencer() }

// Unlock gives the lock back.
func (h *SequentialHold) Unlock(ctx context.Context) error { return h.place.leave(ctx) }
