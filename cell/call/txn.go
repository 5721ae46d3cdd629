package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Txn is several changes as one: all of them are made, in one transaction, or none. Each part
// sees what those before it have done. No name is created, written or deleted by two parts.
type Txn struct{ Parts []Part }

// Part is one of Create, Write, Delete, Check, CheckSequencer: the last stands for "if held".
type Part interface {
	Message
	part()
}

// Check is a part that changes nothing and refuses the Txn unless the node is there, in that
// instance and content generation (0 and nil are any), or unless it is Absent.
type Check struct {
	Name         cell.Name
	Instance     uint64
	IfGeneration *uint64
	Absent       bool
}

func (*Txn) op()              {}
func (*Create) part()         {}
func (*Write) part()          {}
func (*Delete) part()         {}
func (*Check) part()          {}
func (*CheckSequencer) part() {}

// PartError says which part of a Txn was refused, counted from 1, and why.
type PartError struct {
	Part int
	Err  error
}

// Error is that of Err.
func (e *PartError) Error() string { return e.Err.Error() }

// Unwrap gives Err.
func (e *PartError) Unwrap() error { return e.Err }

// Invalid: see Message.
func (m *Txn) Invalid() string {
	if why := first(when(len(m.Parts) == 0, "a transaction of nothing"),
		tooLong("transaction parts", len(m.Parts), MaxTxnParts)); why != "" {
		return why
	}
	for i, p := range m.Parts {
		if why := p.Invalid(); why != "" {
			return fmt.Sprintf("part %d: %s", i+1, why)
		}
	}
	return tooLong("transaction", m.Size(), MaxTxnBytes)
}

// Size is what MaxTxnBytes bounds: the bytes of names, sequencers' names and contents.
func (m *Txn) Size() int {
	size := 0
	for _, p := range m.Parts {
		switch p := p.(type) {
		case *Create:
			size += len(p.Name) + len(p.Contents) + proofBytes(p.IfHeld)
		case *Write:
			size += len(p.Name) + len(p.Contents) + proofBytes(p.IfHeld)
		case *Delete:
			size += len(p.Name) + proofBytes(p.IfHeld)
		case *Check:
			size += len(p.Name)
		case *CheckSequencer:
			size += proofBytes(&p.Sequencer)
		}
	}
	return size
}

func proofBytes(q *cell.Sequencer) int {
	if q == nil {
		return 0
	}
	return len(q.Name)
}

// Invalid: see Message.
func (m *Check) Invalid() string {
	return when(m.Absent && (m.Instance != 0 || m.IfGeneration != nil), "what is absent has no generation")
}

func txnToWire(m *Txn) *wire.OpTxn {
	w := &wire.OpTxn{}
	for _, p := range m.Parts {
		w.Parts = append(w.Parts, partToWire(p))
	}
	return w
}

func partToWire(p Part) *wire.TxnPart {
	switch p := p.(type) {
	case *Create:
		return &wire.TxnPart{Part: &wire.TxnPart_Create{Create: createToWire(p)}}
	case *Write:
		return &wire.TxnPart{Part: &wire.TxnPart_Write{Write: writeToWire(p)}}
	case *Delete:
		return &wire.TxnPart{Part: &wire.TxnPart_Delete{Delete: deleteToWire(p)}}
	case *Check:
		return &wire.TxnPart{Part: &wire.TxnPart_Check{Check: &wire.OpCheck{Name: string(p.Name),
			Instance: p.Instance, IfGeneration: p.IfGeneration, Absent: p.Absent}}}
	case *CheckSequencer:
		return &wire.TxnPart{Part: &wire.TxnPart_Held{Held: SequencerToWire(&p.Sequencer)}}
	}
	panic(fmt.Sprintf("invariant broken: part %T has no wire form", p))
}

func txnFromWire(w *wire.OpTxn) (Op, error) {
	if len(w.Parts) > MaxTxnParts {
		return nil, fmt.Errorf("%w: %s", cell.ErrProtocol, tooLong("transaction parts", len(w.Parts), MaxTxnParts))
	}
	m := &Txn{}
	for _, x := range w.Parts {
		p, err := partFromWire(x)
		if err != nil {
			return nil, err
		}
		m.Parts = append(m.Parts, p)
	}
	return m, nil
}

func partFromWire(w *wire.TxnPart) (Part, error) {
	switch p := w.Part.(type) {
	case *wire.TxnPart_Create:
		return createFromWire(p.Create)
	case *wire.TxnPart_Write:
		return writeFromWire(p.Write)
	case *wire.TxnPart_Delete:
		return deleteFromWire(p.Delete)
	case *wire.TxnPart_Check:
		n, err := name(p.Check.Name)
		return &Check{Name: n, Instance: p.Check.Instance, IfGeneration: p.Check.IfGeneration,
			Absent: p.Check.Absent}, err
	case *wire.TxnPart_Held:
		q, err := sequencer(p.Held)
		return &CheckSequencer{Sequencer: q}, err
	}
	return nil, fmt.Errorf("%w: a part of a transaction that this version does not know", cell.ErrProtocol)
}
