package recipe

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// port is a session as package steps needs it; ctx ends all waiting.
type port struct {
	ctx context.Context
	s   *client.Session
}

// Port is a session for package steps; ctx ends all waiting.
func Port(ctx context.Context, s *client.Session) steps.Port { return port{ctx, s} }

// waitingFeeds is how many events wait here for the reader of a watch, beside those that wait in the
// session.
const waitingFeeds = 64

// Own leaves no orphan: when ctx ends before the cell has answered, a node that is made after all is
// removed again, at the latest with the session.
func (p port) Own(name string, data []byte, sequential bool, held cell.Sequencer) (steps.Node, error) {
	o := []client.CreateOption{client.Ephemeral()}
	if held != (cell.Sequencer{}) {
		o = append(o, client.IfHeld(held))
	}
	if sequential {
		o = append(o, client.Sequential())
	}
	type made struct {
		node *client.Handle
		err  error
	}
	answer := make(chan made)
	go func() {
		node, err := p.s.Open(p.s.Context(), name, client.ForLock(), client.ForWrite(), client.MustCreate(data, o...))
		select {
		case answer <- made{node, err}:
		case <-p.ctx.Done():
			if err == nil {
				_ = node.Delete(p.s.Context())
			}
		}
	}()
	select {
	case m := <-answer:
		return m.node, m.err
	case <-p.ctx.Done():
		return nil, &client.OpError{Op: "create", Name: name, Outcome: client.Unknown, Err: context.Cause(p.ctx)}
	}
}

func (p port) Folder(name string) error {
	_, err := p.s.Create(p.ctx, name, nil, client.Container(), client.Parents())
	return ignore(err, cell.ErrExists)
}

func (p port) Remove(n steps.Node) error { return n.(*client.Handle).Delete(p.ctx) }

func (p port) TryLock(n steps.Node) (steps.Hold, error) {
	return granted(n.(*client.Handle).TryLock(p.ctx))
}

func (p port) Lock(name string, delay int64) (steps.Hold, error) {
	var o []client.LockOption
	if delay >= 0 {
		o = append(o, client.LockDelay(cell.Span(delay)))
	}
	return granted(p.s.Lock(p.ctx, name, o...))
}

// granted keeps a nil hold from becoming an interface that is not nil.
func granted(hold *client.Hold, err error) (steps.Hold, error) {
	if err != nil {
		return nil, err
	}
	return hold, nil
}

func (p port) Unlock(h steps.Hold) { _ = h.(*client.Hold).Unlock(p.ctx) } // in the background if ctx has ended

func (p port) Create(name string, data []byte, sequential bool) (string, error) {
	o := []client.CreateOption{client.Parents()}
	if sequential {
		o = append(o, client.Sequential())
	}
	st, err := p.s.Create(p.ctx, name, data, o...)
	return string(st.Name), err
}

func (p port) Delete(name string) error { return p.s.Delete(p.ctx, name) }

func (p port) Txn(parts ...call.Part) (refused int, err error) {
	ops := make([]client.Op, len(parts))
	for i, part := range parts {
		ops[i] = opOf(part)
	}
	_, err = p.s.Txn(p.ctx, ops...)
	var at *client.OpError
	if errors.As(err, &at) && at.Op != "txn" {
		return at.Index, err
	}
	return -1, err
}

// opOf says a part, of those that steps use, as package client does.
func opOf(part call.Part) client.Op {
	switch x := part.(type) {
	case *call.Create:
		return client.OpCreate(x.Name, x.Contents)
	case *call.Delete:
		return client.OpDelete(string(x.Name))
	case *call.Check:
		return client.OpCheck(string(x.Name))
	case *call.CheckSequencer:
		return client.OpCheckHeld(x.Sequencer)
	}
	return client.Op{}
}

func (p port) Read(name string) ([]byte, uint64, error) {
	f, err := p.s.Read(p.ctx, name)
	return f.Contents, f.Stat.ContentGeneration, err
}

func (p port) Write(name string, data []byte, generation uint64, held cell.Sequencer) error {
	var o []client.WriteOption
	if held != (cell.Sequencer{}) {
		o = append(o, client.IfHeld(held))
	}
	if generation > 0 {
		o = append(o, client.IfGeneration(generation))
	} else {
		o = append(o, client.OrCreate(client.Parents()))
	}
	_, err := p.s.Write(p.ctx, name, data, o...)
	return err
}

func (p port) List(name string) ([]string, error) {
	stats, err := p.s.List(p.ctx, name)
	names := make([]string, len(stats))
	for i, st := range stats {
		names[i] = st.Name.Base()
	}
	return names, err
}

func (p port) Within(h steps.Hold) (steps.Port, func()) {
	ctx, done := h.(*client.Hold).Bind(p.ctx)
	return port{ctx, p.s}, done
}

func (p port) Parting() (steps.Port, func()) {
	ctx, done := parting(p.ctx)
	return port{ctx, p.s}, done
}

// feed is a watch that a goroutine reads, so that what has come can be looked for without waiting.
type feed struct {
	ctx    context.Context
	cancel context.CancelFunc
	events chan heard
	over   sync.WaitGroup
}

type heard struct {
	call.Event
	err error
}

func (p port) Watch(name string, scope steps.Scope) steps.Feed {
	var o []client.WatchOption
	switch scope {
	case steps.WithChildren:
		o = append(o, client.WithChildren())
	case steps.Recursive:
		o = append(o, client.Recursive())
	}
	f := &feed{events: make(chan heard, waitingFeeds)}
	f.ctx, f.cancel = context.WithCancel(p.ctx)
	f.over.Go(func() {
		for e, err := range p.s.Watch(f.ctx, name, o...) {
			select {
			case f.events <- heard{wire(e), err}:
			case <-f.ctx.Done():
				return
			}
		}
	})
	return f
}

// wire is an event as the session has it.
func wire(e client.Event) call.Event {
	return call.Event{Kind: e.Kind, Name: cell.Name(e.Name), Zxid: e.Zxid, Stat: e.Stat, Contents: e.Contents}
}

func (f *feed) Next() (call.Event, error) {
	select {
	case e := <-f.events:
		return e.Event, e.err
	case <-f.ctx.Done():
		return call.Event{}, context.Cause(f.ctx)
	}
}

func (f *feed) Poll() (call.Event, bool, error) {
	select {
	case e := <-f.events:
		return e.Event, true, e.err
	default:
		return call.Event{}, false, context.Cause(f.ctx)
	}
}

func (f *feed) Stop() {
	f.cancel()
	f.over.Wait()
}

// own makes an ephemeral node, in a folder that is made if it is missing and goes with its last
// node; and leaves no orphan.
func own(ctx context.Context, s *client.Session, name string, data []byte,
	held cell.Sequencer) (*client.Handle, error) {
	return handle(steps.Own(port{ctx, s}, name, data, false, held))
}

func handle(n steps.Node, err error) (*client.Handle, error) {
	if err != nil {
		return nil, err
	}
	return n.(*client.Handle), nil
}

// gone waits until there is no node of that name.
func gone(ctx context.Context, s *client.Session, name string) error {
	return steps.Gone(port{ctx, s}, name)
}

// component says that an id can be the last component of a name.
func component(id string) bool { return id != "" && !strings.Contains(id, "/") }
