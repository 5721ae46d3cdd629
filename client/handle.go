package client

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Handle is an open node instance: when the node is deleted, and made again, the handle stays
// with the old one and fails with ErrStaleHandle. It carries check digits of the cell, so that
// whoever serves it, a later master too, sees that it was given to this session, for this instance
// and this use. Safe for concurrent use.
type Handle struct {
	s       *Session
	name    string
	stat    cell.Stat // of the opening
	created bool      // by the opening
	given   call.Handle
	life    context.Context // ends with Poison
	poison  context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	held   *cell.Sequencer
	holds  []*Hold
}

// Name is the node's name: of a sequential one, as it was made.
func (h *Handle) Name() string { return h.name }

// Instance is the node's instance.
func (h *Handle) Instance() uint64 { return h.stat.Instance }

// Created reports whether Open made the node, as MayCreate or MustCreate asked.
func (h *Handle) Created() bool { return h.created }

// may says how an operation goes to the node, or why it does not.
func (h *Handle) may(op string, needs call.HandleMode, option string) (via, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return via{}, opError(op, h.name, NotApplied, cell.ErrClosed)
	case h.life.Err() != nil:
		return via{}, opError(op, h.name, NotApplied, context.Cause(h.life))
	case h.given.Mode&needs != needs:
		return via{}, opError(op, h.name, NotApplied,
			fmt.Errorf("%w: the handle was opened without %s", cell.ErrUsage, option))
	}
	return via{instance: h.stat.Instance, handle: &h.given, held: h.held, life: h.life}, nil
}

// SetSequencer ties the handle to a hold, usually of another node: from now on its operations fail
// with ErrStaleSequencer once that hold has ended. Changes prove it where they are decided, in the
// replicated state; reads go to the master, and past the cache. The zero Sequencer unties.
// ErrUsage when q is no proof of a hold.
func (h *Handle) SetSequencer(q cell.Sequencer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case q == cell.Sequencer{}:
		h.held = nil
	case q.Mode != cell.Shared && q.Mode != cell.Exclusive:
		return opError("set sequencer", h.name, NotApplied, fmt.Errorf("%w: %s is no proof of a hold", cell.ErrUsage, q))
	default:
		h.held = &q
	}
	return nil
}

// Poison fails the operations that are under way through the handle, and all later ones, with
// ErrClosed. It does not close the handle: its holds stand until Close. It is for whoever wants to
// stop others that use the same handle, without taking it from under them.
func (h *Handle) Poison() { h.poison(fmt.Errorf("%w: the handle was poisoned", cell.ErrClosed)) }

// Read is Session.Read of the handle's instance.
func (h *Handle) Read(ctx context.Context, o ...ReadOption) (File, error) {
	v, err := h.may("read", 0, "")
	if err != nil {
		return File{}, err
	}
	return h.s.read(ctx, "read", h.name, v, true, o)
}

// Stat is Session.Stat of the handle's instance.
func (h *Handle) Stat(ctx context.Context, o ...ReadOption) (cell.Stat, error) {
	v, err := h.may("stat", 0, "")
	if err != nil {
		return cell.Stat{}, err
	}
	f, err := h.s.read(ctx, "stat", h.name, v, false, o)
	return f.Stat, err
}

// List is Session.List of the handle's instance.
func (h *Handle) List(ctx context.Context, o ...ReadOption) ([]cell.Stat, error) {
	v, err := h.may("list", 0, "")
	if err != nil {
		return nil, err
	}
	return h.s.list(ctx, h.name, v, o)
}

// Write is Session.Write of the handle's instance; it needs ForWrite.
func (h *Handle) Write(ctx context.Context, data []byte, o ...WriteOption) (cell.Stat, error) {
	v, err := h.may("write", call.HandleWrites, "ForWrite")
	if err != nil {
		return cell.Stat{}, err
	}
	return h.s.write(ctx, h.name, v, data, o)
}

// Delete is Session.Delete of the handle's instance; it needs ForWrite.
func (h *Handle) Delete(ctx context.Context, o ...WriteOption) error {
	v, err := h.may("delete", call.HandleWrites, "ForWrite")
	if err != nil {
		return err
	}
	return h.s.remove(ctx, h.name, v, o)
}

// Lock is Session.Lock of the handle's instance; it needs ForLock, and makes no node.
func (h *Handle) Lock(ctx context.Context, o ...LockOption) (*Hold, error) {
	return h.take(ctx, "lock", true, o)
}

// TryLock is Session.TryLock of the handle's instance; it needs ForLock, and makes no node.
func (h *Handle) TryLock(ctx context.Context, o ...LockOption) (*Hold, error) {
	return h.take(ctx, "try lock", false, o)
}

func (h *Handle) take(ctx context.Context, op string, patient bool, o []LockOption) (*Hold, error) {
	v, err := h.may(op, call.HandleLocks, "ForLock")
	if err != nil {
		return nil, err
	}
	k, err := h.s.lock(ctx, op, h.name, v, patient, o)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	closed := h.closed
	h.holds = append(slices.DeleteFunc(h.holds, func(k *Hold) bool { return k.ctx.Err() != nil }), k)
	h.mu.Unlock()
	if closed { // while it waited
		k.release()
		return nil, opError(op, h.name, NotApplied, cell.ErrClosed)
	}
	return k, nil
}

// Close ends the handle's holds, gives their locks back in the background, and lets every later
// use fail with ErrClosed. Always nil.
func (h *Handle) Close() error {
	h.mu.Lock()
	h.closed = true
	holds := h.holds
	h.holds = nil
	h.mu.Unlock()
	for _, k := range holds {
		k.release()
	}
	return nil
}
