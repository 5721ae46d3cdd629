package recipe

import (
	"bytes"
	"context"
	"errors"
	"iter"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// Leader is who leads: the zero Leader is nobody.
type Leader struct {
	Value []byte
	Held  cell.Sequencer // of the election's lock
}

// None reports that nobody is known to lead.
func (l Leader) None() bool { return l.Held.Grant == 0 }

// Observe tells who leads, from now on: first who does now, then every change. A leader is told
// only after the master has said that its token holds the lock, and between two leaders, while
// this client has no connection to a master that it could trust, and when the leader has given up
// or lost its lock, nobody is told. It opens sessions by itself and ends with ctx, by break, or
// with a last pair whose error says why.
//
// It costs one message for each change of the leader, and no commit.
func Observe(ctx context.Context, c *client.Client, name string) iter.Seq2[Leader, error] {
	return func(yield func(Leader, error) bool) {
		o := &observer{check: c.CheckSequencer, tell: func(l Leader) bool { return yield(l, nil) }}
		err := Lasting(ctx, c, func(ctx context.Context, s *client.Session) error {
			return o.watch(ctx, s, name+announced)
		})
		if err != nil && !o.left {
			yield(Leader{}, err)
		}
	}
}

// observer is what one Observe knows.
type observer struct {
	check func(ctx context.Context, q cell.Sequencer) error
	tell  func(Leader) bool

	begun  bool   // something has been told
	left   bool   // the reader wants no more
	last   Leader // what was told last
	claims Leader // who announced itself last, not withdrawn
	synced bool
	away   bool // no connection to a master that we could trust
}

func (o *observer) watch(ctx context.Context, s *client.Session, name string) error {
	o.synced, o.claims = false, Leader{}
	for n := range follow(ctx, s, name) {
		if n.err != nil {
			o.say(Leader{})
			return n.err
		}
		o.hear(n)
		if o.settle(ctx); o.left {
			return nil
		}
	}
	return context.Cause(ctx)
}

// hear notes one piece of news. What is no announcement, somebody else wrote: it names no leader.
func (o *observer) hear(n news) {
	switch n.Kind {
	case 0:
		o.away = n.state != client.Connected
	case client.EventCurrent, client.EventCreated, client.EventModified:
		o.claims = parseAnnouncement(n.Contents)
	case client.EventDeleted:
		o.claims = Leader{}
	case client.EventSynced:
		o.synced = true
	case client.EventResync:
		o.synced, o.claims = false, Leader{}
	}
}

// settle tells what now holds. The master is asked before a leader is told.
func (o *observer) settle(ctx context.Context) {
	switch {
	case !o.synced || o.away || o.claims.None():
		if o.begun || o.synced {
			o.say(Leader{})
		}
	case o.claims.Held != o.last.Held:
		o.say(Leader{})
		if !o.left && o.holds(ctx) {
			o.say(o.claims)
		}
	}
}

// holds asks the master whether who announced itself holds the lock, until there is an answer.
func (o *observer) holds(ctx context.Context) bool {
	for ctx.Err() == nil {
		err := o.check(ctx, o.claims.Held)
		if err == nil || errors.Is(err, cell.ErrStaleSequencer) {
			return err == nil
		}
		_ = rest(ctx, retryFirst)
	}
	return false
}

func (o *observer) say(l Leader) {
	if o.left || o.begun && l.Held == o.last.Held {
		return
	}
	o.begun, o.last = true, l
	o.left = !o.tell(l)
}

// announcement is what a leader writes: its sequencer on a line of its own, then its value.
func announcement(q cell.Sequencer, value []byte) []byte {
	return append([]byte(q.String()+"\n"), value...)
}

func parseAnnouncement(b []byte) Leader {
	line, value, _ := bytes.Cut(b, []byte("\n"))
	q, err := cell.ParseSequencer(string(line))
	if err != nil {
		return Leader{}
	}
	return Leader{Value: value, Held: q}
}
