package recipe

import (
	"context"
	"errors"
	"iter"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Leader is who leads: the zero Leader is nobody.
type Leader = steps.Leader

// Observe tells who leads, from now on: first who does now, then every change. A leader is told
// only after the master has said that its token holds the lock, and between two leaders, while
// this client has no connection to a master that it could trust, and when the leader has given up
// or lost its lock, nobody is told. It opens sessions by itself and ends with ctx, by break, or
// with a last pair whose error says why.
//
// It costs one message for each change of the leader, and no commit.
func Observe(ctx context.Context, c *client.Client, name string) iter.Seq2[Leader, error] {
	return func(yield func(Leader, error) bool) {
		o := &steps.Observer{Tell: func(l Leader) bool { return yield(l, nil) }}
		err := Lasting(ctx, c, func(ctx context.Context, s *client.Session) error {
			o.Holds = func(q cell.Sequencer) bool { return holds(ctx, c, q) }
			return observe(ctx, s, o, steps.Announcement(name))
		})
		if err != nil && !o.Left() {
			yield(Leader{}, err)
		}
	}
}

func observe(ctx context.Context, s *client.Session, o *steps.Observer, name string) error {
	o.Forget()
	for n := range follow(ctx, s, name) {
		switch {
		case n.err != nil:
			o.Lose()
			return n.err
		case n.Kind == 0:
			o.Away(n.state != client.Connected)
		default:
			o.Note(wire(n.Event))
		}
		if o.Settle(); o.Left() {
			return nil
		}
	}
	return context.Cause(ctx)
}

// holds asks the master whether who announced itself holds the lock, until there is an answer.
func holds(ctx context.Context, c *client.Client, q cell.Sequencer) bool {
	for ctx.Err() == nil {
		err := c.CheckSequencer(ctx, q)
		if err == nil || errors.Is(err, cell.ErrStaleSequencer) {
			return err == nil
		}
		_ = rest(ctx, retryFirst)
	}
	return false
}
