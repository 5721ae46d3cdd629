package recipe

import (
	"context"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// consumer is one Take of a queue: its claims stand as long as its place does.
type consumer struct {
	q     *Queue
	place *place

	mu     sync.Mutex
	claims map[*Claim]bool // those that are neither acknowledged nor given back
}

func (c *consumer) add(k *Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claims[k] = true
}

func (c *consumer) drop(k *Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.claims, k)
}

// end gives everything back.
func (c *consumer) end(ctx context.Context) {
	last, cancel := parting(ctx)
	defer cancel()
	c.mu.Lock()
	open := make([]*Claim, 0, len(c.claims))
	for k := range c.claims {
		open = append(open, k)
	}
	c.mu.Unlock()
	for _, k := range open {
		_ = k.Return(last)
	}
	_ = c.place.leave(last)
}

// Claim is an element of a queue in the hands of one consumer.
type Claim struct {
	Name     string // as Put gave it
	Contents []byte
	Priority int

	consumer *consumer
	claim    *steps.Claim
	ctx      context.Context
	cancel   context.CancelFunc
}

// Context ends before anybody else can have the element, and with Ack, Return and the end of Take.
func (k *Claim) Context() context.Context { return k.ctx }

// Sequencer proves that our consumer still lives. It is the same for all its claims.
func (k *Claim) Sequencer() cell.Sequencer { return k.consumer.place.sequencer() }

// Ack removes the element for ever, and who waits for its end hears of it. ErrStaleSequencer when
// the claim was lost: another has, or will have, the element. When the outcome is unknown, Ack may
// be called again: ErrNotFound says then that it is done.
func (k *Claim) Ack(ctx context.Context) error {
	err := k.claim.Ack(port{ctx, k.consumer.q.s})
	if err == nil {
		k.cancel()
		k.consumer.drop(k)
	}
	return err
}

// Return gives the element back, to be claimed anew in its old place.
func (k *Claim) Return(ctx context.Context) error {
	k.cancel()
	k.consumer.drop(k)
	return k.claim.Return(port{ctx, k.consumer.q.s})
}
