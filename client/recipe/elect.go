package recipe

import (
	"context"
	"errors"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// announced is the child of an election's node that says who leads. It belongs to the leader's
// session.
const announced = "/leader"

// Elect campaigns for the lock of a node and runs lead while it holds it, as Election.Run does.
//
// It guarantees that of all callers at most one is in lead with a ctx that has not ended, that
// lead's ctx ends before anybody else can be elected, and that the held sequencer fails every
// check from then on. It costs two commits for each change of the leader, and one message from
// each candidate; who waits costs nothing but its KeepAlives.
func Elect(ctx context.Context, c *client.Client, name string, value []byte,
	lead func(ctx context.Context, held cell.Sequencer) error, o ...client.LockOption) error {
	e := Election{Client: c, Name: name, Value: value, Options: o}
	return e.Run(ctx, func(ctx context.Context, l Leadership) error { return lead(ctx, l.Hold.Sequencer()) })
}

// Election is one candidate's part in an election.
type Election struct {
	Client  *client.Client
	Name    string              // the node whose lock decides; it and its parents are made if missing
	Value   []byte              // what Observe tells of us while we lead
	Options []client.LockOption // Margin, Note, LockDelay; a Shared one would elect several
}

// Leadership is what a leader leads with.
type Leadership struct {
	Session *client.Session
	Hold    *client.Hold
}

// Run opens sessions by itself, campaigns again after every loss, and outlives its sessions. It
// returns when ctx ends, or with lead's error when lead returns while it still leads; who returns
// from lead after its ctx has ended by a loss is a candidate again. When Run returns, lead has
// returned before, and the lock is given back.
func (e Election) Run(ctx context.Context, lead func(ctx context.Context, l Leadership) error) error {
	return Lasting(ctx, e.Client, func(ctx context.Context, s *client.Session) error {
		for {
			hold, err := s.Lock(ctx, e.Name, e.Options...)
			if errors.Is(err, cell.ErrStaleHandle) {
				continue // somebody removed the node while we waited
			}
			if err != nil {
				return err
			}
			if over, err := e.reign(ctx, Leadership{s, hold}, lead); over {
				return err
			}
		}
	})
}

// reign leads until lead returns. It is over when it did so by itself, or when ctx has ended.
func (e Election) reign(ctx context.Context, l Leadership,
	lead func(ctx context.Context, l Leadership) error) (over bool, err error) {
	bound, cancel := l.Hold.Bind(ctx)
	defer cancel()
	defer func() { _ = l.Hold.Unlock(ctx) }() // in the background if ctx has ended
	node, err := e.announce(bound, l)
	if err != nil {
		return !errors.Is(err, cell.ErrStaleSequencer) && l.Hold.Context().Err() == nil, err
	}
	withdrawn := make(chan struct{})
	kept := context.AfterFunc(l.Hold.Context(), func() {
		defer close(withdrawn)
		withdraw(ctx, node)
	})
	err = lead(bound, l)
	if !kept() { // lost while it led
		<-withdrawn
		return false, err
	}
	withdraw(ctx, node)
	return true, err
}

// announce says who leads. What a leader before us has left is removed first.
func (e Election) announce(ctx context.Context, l Leadership) (*client.Handle, error) {
	q := l.Hold.Sequencer()
	name := e.Name + announced
	for {
		node, err := own(ctx, l.Session, name, announcement(q, e.Value), q)
		if !errors.Is(err, cell.ErrExists) {
			return node, err
		}
		if err := l.Session.Delete(ctx, name, client.IfHeld(q)); err != nil && !errors.Is(err, cell.ErrNotFound) {
			return nil, err
		}
	}
}

// withdraw takes back what was announced, so that nobody sees a leader who is none; if it cannot
// be done in a second, the next leader or the end of the session does it.
func withdraw(ctx context.Context, node *client.Handle) {
	ctx, cancel := parting(ctx)
	defer cancel()
	_ = node.Delete(ctx)
}
