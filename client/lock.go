package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// Lock waits until it holds the lock of a node, which it makes if it is missing, with its
// parents. ctx bounds the waiting only: when it ends nothing is held, and what is granted later
// is given back. Two Locks exclude each other within one session too.
//
// The hold excludes others while clocks drift less than the cell's bound and this process gets
// CPU. Whoever must be safe beyond that passes the sequencer along and has it checked.
func (s *Session) Lock(ctx context.Context, name string, o ...LockOption) (*Hold, error) {
	return s.lock(ctx, "lock", name, via{}, true, o)
}

// TryLock takes the lock if it is free, else fails at once with a *HeldError that says who has
// it.
func (s *Session) TryLock(ctx context.Context, name string, o ...LockOption) (*Hold, error) {
	return s.lock(ctx, "try lock", name, via{}, false, o)
}

func (s *Session) lock(ctx context.Context, op, name string, v via, patient bool, o []LockOption) (*Hold, error) {
	n, err := s.c.parse(op, name)
	if err != nil {
		return nil, err
	}
	l := lockOf(o)
	a := call.Acquire{Name: n, Instance: v.instance, Mode: cell.Exclusive, Wait: patient, Create: v.instance == 0,
		Delay: int64(l.delay), Margin: int64(l.margin), MaxHold: int64(l.maxHold), Note: l.note, IfHeld: v.held}
	if l.shared {
		a.Mode = cell.Shared
	}
	if l.delay < 0 {
		a.Delay = -1
	}
	if why := a.Invalid(); why != "" {
		return nil, opError(op, name, NotApplied, fmt.Errorf("%w: %s", cell.ErrUsage, why))
	}
	ctx, stop := v.bind(ctx)
	defer stop()
	w := &wait{lock: true}
	if _, err := s.call(ctx, op, name, w, func(id uint64) session.Input {
		return session.Acquire{ID: id, Op: a, Handle: v.handle}
	}); err != nil {
		return nil, err
	}
	return w.hold, nil
}

// WithLock runs fn while it holds the lock, and gives it back afterwards. fn's ctx ends with the
// caller's or with the hold's; held is to be passed along. The error is fn's, or why the lock
// was not taken; a lost hold is fn's to return (context.Cause of its ctx says why).
func (s *Session) WithLock(ctx context.Context, name string,
	fn func(ctx context.Context, held cell.Sequencer) error, o ...LockOption) error {
	k, err := s.Lock(ctx, name, o...)
	if err != nil {
		return err
	}
	defer func() { _ = k.Unlock(ctx) }()
	bound, cancel := k.Bind(ctx)
	defer cancel()
	return fn(bound, k.Sequencer())
}

func lockInfo(l call.LockInfo) LockInfo {
	info := LockInfo{Name: string(l.Name), Mode: l.Mode, Generation: l.Generation, DelayLeft: l.DelayLeft,
		History: l.History}
	for _, h := range l.Holders {
		info.Holders = append(info.Holders, Holder{Session: h.Session, Identity: h.Identity,
			Principal: h.Principal, Address: h.Address, Note: h.Note, Since: h.Since,
			Token: h.Sequencer.Token(), Sequencer: h.Sequencer, LeaseLeft: h.LeaseLeft, Loss: h.Loss})
	}
	for _, w := range l.Waiters {
		info.Waiters = append(info.Waiters, Waiter{Session: w.Session, Identity: w.Identity,
			Principal: w.Principal, Mode: w.Mode, Since: w.Since, Waiting: since(w.Since)})
	}
	return info
}
