package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Open opens the instance of a node that there is now. Without options the handle reads only;
// ForLock, ForWrite and ForACL allow more, to who has the right (else ErrDenied); MayCreate and
// MustCreate make the node. What the session has opened before, for the same use, and still has in its
// cache, costs no message.
func (s *Session) Open(ctx context.Context, name string, o ...OpenOption) (*Handle, error) {
	w := openOf(o)
	for range listTries {
		if w.create == nil || (!w.must && !w.create.sequential) {
			h, err := s.open(ctx, name, 0, w.mode)
			if err == nil || w.create == nil || !errors.Is(err, cell.ErrNotFound) {
				return h, err
			}
		}
		op, err := createOp(name, bytes.Clone(w.data), *w.create)
		if err != nil {
			return nil, opError("open", name, NotApplied, err)
		}
		made, err := s.change(ctx, "open", name, op)
		switch {
		case err == nil:
			h, err := s.open(ctx, string(made.Name), made.Instance, w.mode)
			if err == nil {
				h.created = true
			}
			return h, err
		case w.must || !errors.Is(err, cell.ErrExists):
			return nil, err
		}
	}
	return nil, opError("open", name, NotApplied,
		fmt.Errorf("%w: the node comes and goes faster than it can be opened", cell.ErrConflict))
}

// open gives a handle of the instance (0: any): with what the cache has of it, or from the master.
func (s *Session) open(ctx context.Context, name string, instance uint64, mode call.HandleMode) (*Handle, error) {
	if f, ok := s.look(cell.Name(name)); ok && ctx.Err() == nil {
		given, open := f.Handle(mode)
		err := lacks(f, instance)
		if err != nil || open && f.HasStat {
			s.hit(cell.Name(name))
		}
		switch {
		case err != nil:
			return nil, opError("open", name, NotApplied, err)
		case open && f.HasStat:
			return newHandle(s, f.Stat, given), nil
		}
	}
	d, err := s.readThrough(ctx, "open", name, via{instance: instance},
		call.Read{StatOnly: true, Cache: true, Open: true, Mode: mode})
	if err != nil {
		return nil, err
	}
	f, err := fileFrom("open", name, instance, false, d.Reply)
	if err != nil {
		return nil, err
	}
	if d.Reply.Node.Handle == nil || d.Reply.Node.Handle.Mode != mode {
		return nil, opError("open", name, NotApplied, fmt.Errorf("%w: an answer without the handle", cell.ErrProtocol))
	}
	return newHandle(s, f.Stat, *d.Reply.Node.Handle), nil
}

func newHandle(s *Session, stat cell.Stat, given call.Handle) *Handle {
	h := &Handle{s: s, name: string(stat.Name), stat: stat, given: given}
	h.life, h.poison = context.WithCancelCause(context.Background())
	return h
}
