package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// Op is one operation of a Txn: made by OpCreate, OpWrite, OpDelete, OpCheck, OpCheckAbsent and
// OpCheckHeld.
type Op struct {
	word, name string
	build      func() (call.Part, error)
}

// OpResult is what one operation of a Txn did. Stat is that of the node as the operation left
// it: of a create its Name is the name made, of a delete it is the last; of OpCheckAbsent and
// OpCheckHeld it is zero.
type OpResult struct{ Stat cell.Stat }

// OpCreate is Session.Create as an operation of a Txn. data is copied.
func OpCreate(name string, data []byte, o ...CreateOption) Op {
	data = bytes.Clone(data)
	return Op{word: "create", name: name, build: func() (call.Part, error) {
		return createOp(name, data, createOf(o))
	}}
}

// OpWrite is Session.Write as an operation of a Txn. data is copied.
func OpWrite(name string, data []byte, o ...WriteOption) Op {
	data = bytes.Clone(data)
	return named("write", name, func(n cell.Name) (call.Part, error) {
		return writeOp(n, 0, data, writeOf(o))
	})
}

// OpDelete is Session.Delete as an operation of a Txn: the session's own holds of the node end
// before the Txn is sent.
func OpDelete(name string, o ...WriteOption) Op {
	return named("delete", name, func(n cell.Name) (call.Part, error) {
		return deleteOp(n, 0, writeOf(o))
	})
}

// OpCheck lets the Txn pass only if the node is there, and with IfGeneration in that content
// generation.
func OpCheck(name string, o ...WriteOption) Op {
	return named("check", name, func(n cell.Name) (call.Part, error) {
		w := writeOf(o)
		if w.create != nil || w.held != nil {
			return nil, fmt.Errorf("%w: a check takes IfGeneration only", cell.ErrUsage)
		}
		return &call.Check{Name: n, IfGeneration: w.generation}, nil
	})
}

// OpCheckAbsent lets the Txn pass only if there is no such node (else ErrExists).
func OpCheckAbsent(name string) Op {
	return named("check absent", name, func(n cell.Name) (call.Part, error) {
		return &call.Check{Name: n, Absent: true}, nil
	})
}

// OpCheckHeld lets the Txn pass only while the hold of q stands (else ErrStaleSequencer).
func OpCheckHeld(q cell.Sequencer) Op {
	return Op{word: "check held", name: q.String(), build: func() (call.Part, error) {
		return &call.CheckSequencer{Sequencer: q}, nil
	}}
}

func named(word, name string, build func(n cell.Name) (call.Part, error)) Op {
	return Op{word: word, name: name, build: func() (call.Part, error) {
		n, err := cell.ParseName(name)
		if err != nil {
			return nil, err
		}
		return build(n)
	}}
}

// Txn makes all changes of ops at once, in one transaction, or none of them. Each op sees what
// those before it have done: a node made by one can be the parent of the next. There is one
// result for each op. A refusal is the *OpError of the op that was refused: its Op, Name, Index
// and Err; when the transaction fails as a whole (no master, outcome unknown, too large) Op is
// "txn". At most 1,024 ops, and 1 MiB of names and contents together; no node is created, written
// or deleted by two of them (ErrUsage). Who watches is told of every change under one zxid.
func (s *Session) Txn(ctx context.Context, ops ...Op) ([]OpResult, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	txn := &call.Txn{}
	for i, o := range ops {
		p, err := o.part()
		if err != nil {
			return nil, &OpError{Op: o.word, Name: o.name, Index: i, Err: err}
		}
		txn.Parts = append(txn.Parts, p)
	}
	if why := txn.Invalid(); why != "" {
		return nil, opError("txn", "", NotApplied, invalid(txn, why))
	}
	d, err := s.call(ctx, "txn", "", &wait{}, func(id uint64) session.Input {
		return session.Mutate{ID: id, Op: txn}
	})
	if err != nil {
		return nil, refusedOp(ops, d.Result.Refused, err)
	}
	if len(d.Result.Parts) != len(ops) {
		return nil, opError("txn", "", Unknown, fmt.Errorf("%w: an answer without the results", cell.ErrProtocol))
	}
	results := make([]OpResult, len(ops))
	for i, stat := range d.Result.Parts {
		results[i].Stat = stat
	}
	return results, nil
}

// part makes what the op stands for, and refuses what makes no sense.
func (o Op) part() (call.Part, error) {
	if o.build == nil {
		return nil, fmt.Errorf("%w: an empty op", cell.ErrUsage)
	}
	p, err := o.build()
	if err != nil {
		return nil, err
	}
	if why := p.Invalid(); why != "" {
		return nil, partInvalid(p, why)
	}
	return p, nil
}

func partInvalid(p call.Part, why string) error {
	if op, ok := p.(call.Op); ok {
		return invalid(op, why)
	}
	return fmt.Errorf("%w: %s", cell.ErrUsage, why)
}

// refusedOp names the op that was refused, counted from 1; 0: the Txn as a whole.
func refusedOp(ops []Op, refused int, err error) error {
	var e *OpError
	if refused < 1 || refused > len(ops) || !errors.As(err, &e) {
		return err
	}
	o := ops[refused-1]
	return &OpError{Op: o.word, Name: o.name, Index: refused - 1, Outcome: e.Outcome, Err: e.Err}
}
