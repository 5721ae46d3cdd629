package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
)

// states is the history of a session's states, one byte each, for whoever follows it.
type states struct {
	mu      sync.Mutex
	all     []State
	id      cell.SessionID
	lengths cell.Lengths
	trouble error         // why there is no master yet, while the session is not Connected
	changed chan struct{} // closed at each change
}

func (k *states) note(change func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	change()
	close(k.changed)
	k.changed = make(chan struct{})
}

func (s *Session) entered(st State) {
	s.known.note(func() {
		s.known.all = append(s.known.all, st)
		s.known.id, s.known.lengths = s.machine.ID(), s.machine.Lengths()
	})
	if st == Expired || st == Closed {
		s.end(s.machine.Err())
	}
}

// ID is the session's number; it names the session in cellctl.
func (s *Session) ID() cell.SessionID {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	return s.known.id
}

// Lengths are the cell's leases and delays, as they were told when the session was last Connected.
func (s *Session) Lengths() cell.Lengths {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	return s.known.lengths
}

// Context ends with the session. Its cause is, or wraps, ErrSessionExpired or ErrClosed.
func (s *Session) Context() context.Context { return s.ctx }

// State is where the session stands now.
func (s *Session) State() State {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if n := len(s.known.all); n > 0 {
		return s.known.all[n-1]
	}
	return Jeopardy
}

// States gives the state of now and then every change, until ctx ends, the loop breaks, or a
// final state has been given.
func (s *Session) States(ctx context.Context) iter.Seq[State] {
	return func(yield func(State) bool) {
		s.known.mu.Lock()
		at := max(0, len(s.known.all)-1)
		s.known.mu.Unlock()
		for {
			s.known.mu.Lock()
			fresh, changed := s.known.all[at:], s.known.changed
			s.known.mu.Unlock()
			for _, st := range fresh {
				if !yield(st) || st == Expired || st == Closed {
					return
				}
			}
			at += len(fresh)
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// awaitConnected waits for the first Connected.
func (s *Session) awaitConnected(ctx context.Context) error {
	for {
		s.known.mu.Lock()
		all, changed, trouble := s.known.all, s.known.changed, s.known.trouble
		s.known.mu.Unlock()
		switch {
		case len(all) > 0 && all[0] == Connected:
			return nil
		case len(all) > 0:
			return context.Cause(s.ctx)
		case errors.Is(trouble, cell.ErrWrongCell):
			return trouble
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return s.whyNoMaster()
		}
	}
}

// whyNoMaster asks the loop what each endpoint said.
func (s *Session) whyNoMaster() error {
	answer := make(chan error, 1)
	if !s.put(item{why: answer}) {
		return cell.ErrNoMaster
	}
	select {
	case err := <-answer:
		return err
	case <-s.ctx.Done():
		return fmt.Errorf("%w: %w", cell.ErrNoMaster, context.Cause(s.ctx))
	}
}

func noMaster(all []session.Trouble) error {
	e := &NoMasterError{}
	for _, t := range all {
		e.Endpoints = append(e.Endpoints, EndpointError{Endpoint: t.Endpoint, Err: t.Err})
	}
	return e
}

// Close ends the session cleanly: its locks come free at once, without lock-delay, and its
// ephemeral nodes go. It waits for the cell's answer until ctx ends; then the cell finds out by
// the end of the lease.
func (s *Session) Close(ctx context.Context) error {
	s.holds.endAll(fmt.Errorf("%w: session closed", cell.ErrLockLost))
	give := func(id uint64) session.Input { return session.Close{ID: id} }
	d := s.do(ctx, &wait{}, give, func(uint64) session.Input { return session.Abandon{} })
	if d.Outcome == Unknown && ctx.Err() != nil {
		return opError("close", "", Unknown, context.Cause(ctx))
	}
	if d.Err != nil && !errors.Is(d.Err, cell.ErrSessionExpired) && !errors.Is(d.Err, cell.ErrClosed) {
		return opError("close", "", d.Outcome, d.Err)
	}
	return nil
}

// abandon ends the session here and says nothing to the cell.
func (s *Session) abandon() { s.put(item{in: session.Abandon{}}) }
