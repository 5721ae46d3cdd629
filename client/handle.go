package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/leasehold/leasehold/cell"
)

// Handle is an open node instance: when the node is deleted, and made again, the handle stays
// with the old one and fails with ErrStaleHandle. Safe for concurrent use.
type Handle struct {
	s           *Session
	name        string
	stat        cell.Stat // of the opening
	lock, write bool

	mu     sync.Mutex
	closed bool
	holds  []*Hold
}

// Open opens the instance of a node that there is now. Without options the handle reads only;
// ForLock and ForWrite allow more; MayCreate and MustCreate make the node.
func (s *Session) Open(ctx context.Context, name string, o ...OpenOption) (*Handle, error) {
	w := openOf(o)
	h := &Handle{s: s, lock: w.lock, write: w.write}
	stat, err := s.openStat(ctx, name, w)
	if err != nil {
		return nil, err
	}
	h.name, h.stat = string(stat.Name), stat
	return h, nil
}

func (s *Session) openStat(ctx context.Context, name string, w openSettings) (cell.Stat, error) {
	for range listTries {
		if w.create == nil || (!w.must && !w.create.sequential) {
			stat, err := s.Stat(ctx, name)
			if err == nil || w.create == nil || !errors.Is(err, cell.ErrNotFound) {
				return stat, err
			}
		}
		op, err := createOp(name, bytes.Clone(w.data), *w.create)
		if err != nil {
			return cell.Stat{}, opError("open", name, NotApplied, err)
		}
		made, err := s.change(ctx, "open", name, op)
		if err == nil || w.must || !errors.Is(err, cell.ErrExists) {
			return made, err
		}
	}
	return cell.Stat{}, opError("open", name, NotApplied,
		fmt.Errorf("%w: the node comes and goes faster than it can be opened", cell.ErrConflict))
}

// Name is the node's name: of a sequential one, as it was made.
func (h *Handle) Name() string { return h.name }

// Instance is the node's instance.
func (h *Handle) Instance() uint64 { return h.stat.Instance }

func (h *Handle) may(op string, allowed bool, option string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return opError(op, h.name, NotApplied, cell.ErrClosed)
	case !allowed:
		return opError(op, h.name, NotApplied, fmt.Errorf("%w: the handle was opened without %s", cell.ErrUsage, option))
	}
	return nil
}

// Read is Session.Read of the handle's instance.
func (h *Handle) Read(ctx context.Context, o ...ReadOption) (File, error) {
	if err := h.may("read", true, ""); err != nil {
		return File{}, err
	}
	return h.s.read(ctx, "read", h.name, h.stat.Instance, true, o)
}

// Stat is Session.Stat of the handle's instance.
func (h *Handle) Stat(ctx context.Context, o ...ReadOption) (cell.Stat, error) {
	if err := h.may("stat", true, ""); err != nil {
		return cell.Stat{}, err
	}
	f, err := h.s.read(ctx, "stat", h.name, h.stat.Instance, false, o)
	return f.Stat, err
}

// List is Session.List of the handle's instance.
func (h *Handle) List(ctx context.Context, o ...ReadOption) ([]cell.Stat, error) {
	if err := h.may("list", true, ""); err != nil {
		return nil, err
	}
	return h.s.list(ctx, h.name, h.stat.Instance, o)
}

// Write is Session.Write of the handle's instance; it needs ForWrite.
func (h *Handle) Write(ctx context.Context, data []byte, o ...WriteOption) (cell.Stat, error) {
	if err := h.may("write", h.write, "ForWrite"); err != nil {
		return cell.Stat{}, err
	}
	return h.s.write(ctx, h.name, h.stat.Instance, data, o)
}

// Delete is Session.Delete of the handle's instance; it needs ForWrite.
func (h *Handle) Delete(ctx context.Context, o ...WriteOption) error {
	if err := h.may("delete", h.write, "ForWrite"); err != nil {
		return err
	}
	return h.s.remove(ctx, h.name, h.stat.Instance, o)
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
	if err := h.may(op, h.lock, "ForLock"); err != nil {
		return nil, err
	}
	k, err := h.s.lock(ctx, op, h.name, h.stat.Instance, patient, o)
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
