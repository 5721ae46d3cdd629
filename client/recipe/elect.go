package recipe

import (
	"context"
	"errors"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Elect campaigns for the lock of a node and runs lead while it holds it, as Election.Run does.
//
// It guarantees that of all callers at most one is in lead with a ctx that has not ended, that
// lead's ctx ends before anybody else can be elected, and that the held sequencer fails every
// check from then on. It costs three commits for each change of the leader (what was announced goes,
// the lock passes, the next one announces itself), and one message from each candidate; who waits costs
// nothing but its KeepAlives.
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
	node, err := steps.Announce(port{bound, l.Session}, e.Name, steps.Leader{Value: e.Value, Held: l.Hold.Sequencer()})
	if err != nil {
		return !errors.Is(err, cell.ErrStaleSequencer) && l.Hold.Context().Err() == nil, err
	}
	withdrawn := make(chan struct{})
	kept := context.AfterFunc(l.Hold.Context(), func() {
		defer close(withdrawn)
		steps.Withdraw(port{ctx, l.Session}, node)
	})
	err = lead(bound, l)
	if !kept() { // lost while it led
		<-withdrawn
		return false, err
	}
	steps.Withdraw(port{ctx, l.Session}, node)
	return true, err
}
