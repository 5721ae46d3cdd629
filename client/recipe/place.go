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
	return lockPlace(ctx, node)
}

// takePlaceWhenFree is takePlace of a name that another session may still have.
func takePlaceWhenFree(ctx context.Context, s *client.Session, name string) (*place, error) {
	node, err := ownWhenFree(ctx, s, name, nil)
	if err != nil {
		return nil, err
	}
	return lockPlace(ctx, node)
}

func lockPlace(ctx context.Context, node *client.Handle) (*place, error) {
	hold, err := node.TryLock(ctx)
	if err != nil {
		last, cancel := parting(ctx)
		defer cancel()
		_ = node.Delete(last)
		return nil, err
	}
	return &place{node, hold}, nil
}

// leave ends the place; another may have it as soon as the cell knows.
func (p *place) leave(ctx context.Context) error {
	return ignore(p.node.Delete(ctx), cell.ErrStaleHandle) // its hold ends first
}

// ignore makes nothing of an error that means: it is done already.
func ignore(err, done error) error {
	if errors.Is(err, done) {
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
		if err := makeFolder(s.Context(), s, name[:strings.LastIndexByte(name, '/')]); err != nil {
			return nil, err
		}
	}
}

// makeFolder makes a node that goes with its last child, if it is missing.
func makeFolder(ctx context.Context, s *client.Session, name string) error {
	_, err := s.Create(ctx, name, nil, client.Container(), client.Parents())
	return ignore(err, cell.ErrExists)
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
