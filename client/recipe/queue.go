package recipe

import (
	"context"
	"fmt"
	"iter"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Queue hands its elements to consumers, first in, first out: claimed by one, and gone when that one
// has acknowledged it. It is for tasks that take seconds, not for thousands a second.
//
// An element that was put is delivered until it is acknowledged, and never again after that. One
// whose consumer dies is back in its old place when the lease of the consumer's session has run out;
// the claim's Context has ended before, also when somebody kills that session. It costs one commit each to
// put and to acknowledge, two to claim, two for a consumer to come and one to go; a message to each consumer
// for each of these, and one refused create from each that wanted the same element.
type Queue struct {
	s    *client.Session
	name string
}

// NewQueue speaks of the queue whose elements are below name. It touches no network.
func NewQueue(s *client.Session, name string) *Queue { return &Queue{s, name} }

// Put appends an element and gives its name. When the outcome is unknown, it may have been put.
func (q *Queue) Put(ctx context.Context, data []byte) (name string, err error) {
	return q.put(ctx, 0, data)
}

func (q *Queue) put(ctx context.Context, priority int, data []byte) (string, error) {
	return steps.Put(port{ctx, q.s}, q.name, priority, data)
}

// Finished waits until the element of that name, which Put gave, has been acknowledged.
func (q *Queue) Finished(ctx context.Context, name string) error { return gone(ctx, q.s, name) }

// PriorityQueue is a Queue whose elements have priorities: of those that wait the lowest number goes
// first, among equals the oldest.
type PriorityQueue struct{ Queue }

// NewPriorityQueue speaks of the queue whose elements are below name. It touches no network.
func NewPriorityQueue(s *client.Session, name string) *PriorityQueue {
	return &PriorityQueue{Queue{s, name}}
}

// MaxPriority is the last in the order of priorities.
const MaxPriority = steps.MaxPriority

// Put inserts an element and gives its name. A priority goes from 0 to 99,999.
func (q *PriorityQueue) Put(ctx context.Context, priority int, data []byte) (name string, err error) {
	if priority < 0 || priority > MaxPriority {
		return "", fmt.Errorf("%w: a priority of %d, not within 0–%d", cell.ErrUsage, priority, MaxPriority)
	}
	return q.put(ctx, priority, data)
}

// Take consumes: it gives one element after the other, each claimed. When the loop ends, what was
// claimed in it and not acknowledged goes back. It ends by break, or with a last pair whose error
// says why: ErrLockLost or ErrSessionExpired when the consumer counts as dead. Several may consume through one session.
func (q *Queue) Take(ctx context.Context) iter.Seq2[*Claim, error] {
	return func(yield func(*Claim, error) bool) {
		left := false
		err := q.consume(ctx, func(c *Claim) bool {
			left = !yield(c, nil)
			return !left
		})
		if err != nil && !left {
			yield(nil, err)
		}
	}
}

func (q *Queue) consume(ctx context.Context, yield func(*Claim) bool) error {
	stand, err := steps.TakeStand(port{ctx, q.s}, q.name)
	if err != nil {
		return err
	}
	c := &consumer{q: q, place: &place{q.s, stand}, claims: map[*Claim]bool{}}
	defer c.end(ctx)
	taking, cancel := c.place.hold().Bind(ctx)
	defer cancel()
	return steps.Take(port{taking, q.s}, q.name, stand, func(k *steps.Claim) bool {
		claim := &Claim{Name: k.Name, Contents: k.Contents, Priority: k.Priority, consumer: c, claim: k}
		claim.ctx, claim.cancel = (&place{q.s, k.Place}).hold().Bind(taking)
		c.add(claim)
		return yield(claim)
	})
}
