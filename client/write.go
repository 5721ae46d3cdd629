package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// Create makes a node with data. The name made is Stat.Name (Sequential appends to it). ErrExists
// if it is there, ErrNotFound if its parent is not (see Parents).
func (s *Session) Create(ctx context.Context, name string, data []byte, o ...CreateOption) (cell.Stat, error) {
	op, err := createOp(name, data, createOf(o))
	if err != nil {
		return cell.Stat{}, opError("create", name, NotApplied, err)
	}
	return s.change(ctx, "create", name, op)
}

func createOp(name string, data []byte, c createSettings) (*call.Create, error) {
	op := &call.Create{Name: name, Contents: data, Ephemeral: c.ephemeral, Sequential: c.sequential,
		Parents: c.parents, Lasting: c.lasting, ACL: c.acl, IfHeld: c.held}
	_, _, err := op.Target()
	return op, err
}

// Write replaces a node's contents; generations begin at 1. ErrNotFound if it is missing, unless
// OrCreate says to make it; ErrGeneration if IfGeneration does not hold.
func (s *Session) Write(ctx context.Context, name string, data []byte, o ...WriteOption) (cell.Stat, error) {
	return s.write(ctx, name, via{}, data, o)
}

func (s *Session) write(ctx context.Context, name string, v via, data []byte, o []WriteOption) (cell.Stat, error) {
	n, err := s.c.parse("write", name)
	if err != nil {
		return cell.Stat{}, err
	}
	op, err := writeOp(n, v.instance, data, writeOf(o))
	if err == nil {
		op.IfHeld, err = v.proof(op.IfHeld)
	}
	if err != nil {
		return cell.Stat{}, opError("write", name, NotApplied, err)
	}
	return s.changeVia(ctx, "write", name, v, op)
}

func writeOp(n cell.Name, instance uint64, data []byte, w writeSettings) (*call.Write, error) {
	op := &call.Write{Name: n, Instance: instance, Contents: data, IfGeneration: w.generation, IfHeld: w.held}
	if c := w.create; c != nil {
		if c.sequential {
			return nil, fmt.Errorf("%w: OrCreate makes no sequential node", cell.ErrUsage)
		}
		op.OrCreate, op.Ephemeral, op.Parents, op.Lasting, op.ACL = true, c.ephemeral, c.parents, c.lasting, c.acl
		if op.IfHeld == nil {
			op.IfHeld = c.held
		}
	}
	return op, nil
}

// Delete removes a node without children. ErrLocked while another session has its lock, or it
// is in lock-delay. This session's own holds of the node end first, and their Margins pass,
// whatever becomes of the Delete: a node goes with its lock, and who makes it anew may lock it at
// once.
func (s *Session) Delete(ctx context.Context, name string, o ...WriteOption) error {
	return s.remove(ctx, name, via{}, o)
}

func (s *Session) remove(ctx context.Context, name string, v via, o []WriteOption) error {
	n, err := s.c.parse("delete", name)
	if err != nil {
		return err
	}
	op, err := deleteOp(n, v.instance, writeOf(o))
	if err == nil {
		op.IfHeld, err = v.proof(op.IfHeld)
	}
	if err != nil {
		return opError("delete", name, NotApplied, err)
	}
	_, err = s.changeVia(ctx, "delete", name, v, op)
	return err
}

func deleteOp(n cell.Name, instance uint64, w writeSettings) (*call.Delete, error) {
	if w.create != nil {
		return nil, fmt.Errorf("%w: OrCreate does not go with Delete", cell.ErrUsage)
	}
	return &call.Delete{Name: n, Instance: instance, IfGeneration: w.generation, IfHeld: w.held}, nil
}

// change is changeVia by name.
func (s *Session) change(ctx context.Context, op, name string, mutation call.Op) (cell.Stat, error) {
	return s.changeVia(ctx, op, name, via{}, mutation)
}

// changeVia does one mutation: sent as often as needed, applied once (C7). The contents of op are
// not copied: they must not change until the call is over, in the background too.
func (s *Session) changeVia(ctx context.Context, op, name string, v via, mutation call.Op) (cell.Stat, error) {
	if why := mutation.Invalid(); why != "" {
		return cell.Stat{}, opError(op, name, NotApplied, invalid(mutation, why))
	}
	ctx, stop := v.bind(ctx)
	defer stop()
	d, err := s.call(ctx, op, name, &wait{}, func(id uint64) session.Input {
		return session.Mutate{ID: id, Op: mutation, Handle: v.handle}
	})
	return d.Result.Stat, err
}

// invalid says why a mutation cannot be sent: too much data, or a use of ours that makes no sense.
func invalid(mutation call.Op, why string) error {
	size := 0
	switch m := mutation.(type) {
	case *call.Create:
		size = len(m.Contents)
	case *call.Write:
		size = len(m.Contents)
	case *call.Txn:
		if n := len(m.Parts); n > call.MaxTxnParts {
			return &cell.LimitError{Limit: "transaction parts", Most: call.MaxTxnParts, Got: n}
		}
		if n := m.Size(); n > call.MaxTxnBytes {
			return &cell.LimitError{Limit: "transaction", Most: call.MaxTxnBytes, Got: n}
		}
	}
	if size > call.MaxValueBytes {
		return &cell.LimitError{Limit: "value", Most: call.MaxValueBytes, Got: size}
	}
	return fmt.Errorf("%w: %s", cell.ErrUsage, why)
}
