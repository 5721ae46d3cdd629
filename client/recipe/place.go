package recipe

import (
	"context"
	"errors"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// place is an ephemeral node of this session with its own lock held: it is gone for the others
// only after its Context has ended here, and its sequencer proves it.
type place struct {
	node *client.Handle
	hold *client.Hold
}

// takePlace makes an ephemeral node and takes its lock. Two commits.
func takePlace(ctx context.Context, s *client.Session, name string, data []byte,
	o ...client.CreateOption) (*place, error) {
	node, err := own(ctx, s, name, data, o...)
	if err != nil {
		return nil, err
	}
	p := &place{node: node}
	if p.hold, err = node.TryLock(ctx); err != nil {
		_ = p.leave(ctx)
		return nil, err
	}
	return p, nil
}

// leave ends the place; another may have it as soon as the cell knows.
func (p *place) leave(ctx context.Context) error {
	err := p.node.Delete(ctx) // its hold ends first
	if errors.Is(err, cell.ErrStaleHandle) || errors.Is(err, cell.ErrNotFound) {
		return nil
	}
	return err
}

func (p *place) context() context.Context { return p.hold.Context() }

// own makes an ephemeral node, in a folder that is made if it is missing and goes with its last
// node; and leaves no orphan: when ctx ends before the cell has answered, a
// node that is made after all is removed again, at the latest with the session.
func own(ctx context.Context, s *client.Session, name string, data []byte,
	o ...client.CreateOption) (*client.Handle, error) {
	type made struct {
		node *client.Handle
		err  error
	}
	answer := make(chan made)
	go func() {
		node, err := openOwn(s, name, data, o)
		select {
		case answer <- made{node, err}:
		case <-ctx.Done():
			if err == nil {
				_ = node.Delete(s.Context())
			}
		}
	}()
	select {
	case m := <-answer:
		return m.node, m.err
	case <-ctx.Done():
		return nil, &client.OpError{Op: "create", Name: name, Outcome: client.Unknown, Err: context.Cause(ctx)}
	}
}

func openOwn(s *client.Session, name string, data []byte, o []client.CreateOption) (*client.Handle, error) {
	create := client.MustCreate(data, append([]client.CreateOption{client.Ephemeral()}, o...)...)
	for {
		node, err := s.Open(s.Context(), name, client.ForLock(), client.ForWrite(), create)
		if !errors.Is(err, cell.ErrNotFound) {
			return node, err
		}
		folder := name[:strings.LastIndexByte(name, '/')]
		if _, err := s.Create(s.Context(), folder, nil, client.Container(), client.Parents()); err != nil &&
			!errors.Is(err, cell.ErrExists) {
			return nil, err
		}
	}
}

// ownWhenFree is own of a name that another session may still have: it waits for that one's end.
func ownWhenFree(ctx context.Context, s *client.Session, name string, data []byte,
	o ...client.CreateOption) (*client.Handle, error) {
	for {
		node, err := own(ctx, s, name, data, o...)
		if !errors.Is(err, cell.ErrExists) {
			return node, err
		}
		if err := gone(ctx, s, name); err != nil {
			return nil, err
		}
	}
}
