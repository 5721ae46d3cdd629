package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// via is how an operation comes to its node: by name (the zero via), or through a handle.
type via struct {
	instance uint64
	handle   *call.Handle
	held     *cell.Sequencer // of SetSequencer; nil: none
	life     context.Context // ends when the handle is poisoned
}

// bind gives a context that ends with ctx, or with the handle. stop frees what it costs.
func (v via) bind(ctx context.Context) (bound context.Context, stop func()) {
	if v.life == nil {
		return ctx, func() {}
	}
	child, cancel := context.WithCancelCause(ctx)
	off := context.AfterFunc(v.life, func() { cancel(context.Cause(v.life)) })
	return child, func() {
		off()
		cancel(context.Canceled)
	}
}

func (v via) ask(id uint64, ask call.Ask) session.Input {
	return session.Ask{ID: id, Ask: ask, Handle: v.handle, IfHeld: v.held}
}

// proof is the sequencer that a change must prove: of the operation, or of the handle.
func (v via) proof(own *cell.Sequencer) (*cell.Sequencer, error) {
	switch {
	case v.held == nil:
		return own, nil
	case own != nil && *own != *v.held:
		return nil, fmt.Errorf("%w: IfHeld names another hold than the handle's SetSequencer", cell.ErrUsage)
	}
	return v.held, nil
}
