package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// OpToWire is op's wire form, in a Call and in the log alike.
func OpToWire(op Op) *wire.Op {
	switch o := op.(type) {
	case *Create:
		return &wire.Op{Op: &wire.Op_Create{Create: &wire.OpCreate{Name: o.Name, Contents: o.Contents,
			Ephemeral: o.Ephemeral, Sequential: o.Sequential, Parents: o.Parents, IfHeld: SequencerToWire(o.IfHeld)}}}
	case *Write:
		return &wire.Op{Op: &wire.Op_Write{Write: &wire.OpWrite{Name: string(o.Name), Instance: o.Instance,
			Contents: o.Contents, IfGeneration: o.IfGeneration, OrCreate: o.OrCreate, Ephemeral: o.Ephemeral,
			Parents: o.Parents, IfHeld: SequencerToWire(o.IfHeld)}}}
	case *Delete:
		return &wire.Op{Op: &wire.Op_Delete{Delete: &wire.OpDelete{Name: string(o.Name), Instance: o.Instance,
			IfGeneration: o.IfGeneration, IfHeld: SequencerToWire(o.IfHeld)}}}
	case *Acquire:
		return &wire.Op{Op: &wire.Op_Acquire{Acquire: &wire.OpAcquire{Name: string(o.Name), Instance: o.Instance,
			Mode: uint32(o.Mode), Wait: o.Wait, Create: o.Create, Delay: o.Delay, Margin: o.Margin, Note: o.Note}}}
	case *Release:
		return &wire.Op{Op: &wire.Op_Release{Release: &wire.OpRelease{Name: string(o.Name), Hold: o.Hold}}}
	case *CloseSession:
		return &wire.Op{Op: &wire.Op_CloseSession{CloseSession: &wire.OpCloseSession{}}}
	}
	panic(fmt.Sprintf("invariant broken: op %T has no wire form", op))
}

// OpFromWire reads what OpToWire made. Errors wrap ErrProtocol or ErrBadName.
func OpFromWire(w *wire.Op) (Op, error) {
	switch o := w.GetOp().(type) {
	case *wire.Op_Create:
		held, err := SequencerFromWire(o.Create.IfHeld)
		return &Create{Name: o.Create.Name, Contents: o.Create.Contents, Ephemeral: o.Create.Ephemeral,
			Sequential: o.Create.Sequential, Parents: o.Create.Parents, IfHeld: held}, err
	case *wire.Op_Write:
		return writeFromWire(o.Write)
	case *wire.Op_Delete:
		n, err := name(o.Delete.Name)
		if err != nil {
			return nil, err
		}
		held, err := SequencerFromWire(o.Delete.IfHeld)
		return &Delete{Name: n, Instance: o.Delete.Instance, IfGeneration: o.Delete.IfGeneration, IfHeld: held}, err
	case *wire.Op_Acquire:
		n, err := name(o.Acquire.Name)
		if err == nil && o.Acquire.Mode > uint32(cell.Exclusive) {
			err = fmt.Errorf("%w: lock mode %d", cell.ErrProtocol, o.Acquire.Mode)
		}
		return &Acquire{Name: n, Instance: o.Acquire.Instance, Mode: cell.Mode(o.Acquire.Mode), Wait: o.Acquire.Wait,
			Create: o.Acquire.Create, Delay: o.Acquire.Delay, Margin: o.Acquire.Margin, Note: o.Acquire.Note}, err
	case *wire.Op_Release:
		n, err := name(o.Release.Name)
		return &Release{Name: n, Hold: o.Release.Hold}, err
	case *wire.Op_CloseSession:
		return &CloseSession{}, nil
	}
	return nil, fmt.Errorf("%w: a call without an op that this version knows", cell.ErrProtocol)
}

func writeFromWire(w *wire.OpWrite) (Op, error) {
	n, err := name(w.Name)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &Write{Name: n, Instance: w.Instance, Contents: w.Contents, IfGeneration: w.IfGeneration,
		OrCreate: w.OrCreate, Ephemeral: w.Ephemeral, Parents: w.Parents, IfHeld: held}, err
}

// ResultToWire is r's wire form.
func ResultToWire(r Result) *wire.Result {
	w := &wire.Result{Zxid: uint64(r.Zxid), Code: uint32(r.Code), Message: r.Message, RetryAfter: r.RetryAfter,
		Stat: StatToWire(r.Stat), Acquired: HoldStateToWire(r.Acquired)}
	if r.Limit != nil {
		w.Limit = &wire.Limit{Name: r.Limit.Name, Most: r.Limit.Most, Got: r.Limit.Got}
	}
	if r.Lock != nil {
		w.Lock = lockToWire(*r.Lock)
	}
	return w
}

// ResultFromWire reads what ResultToWire made.
func ResultFromWire(w *wire.Result) (Result, error) {
	r := Result{Zxid: cell.Zxid(w.GetZxid()), Code: cell.Code(w.GetCode()), Message: w.GetMessage(),
		RetryAfter: w.GetRetryAfter()}
	var err error
	if r.Stat, err = StatFromWire(w.GetStat()); err != nil {
		return r, err
	}
	if r.Acquired, err = HoldStateFromWire(w.GetAcquired()); err != nil {
		return r, err
	}
	if l := w.GetLimit(); l != nil {
		r.Limit = &Limit{Name: l.Name, Most: l.Most, Got: l.Got}
	}
	if w.GetLock() != nil {
		lock, err := lockFromWire(w.Lock)
		r.Lock = &lock
		return r, err
	}
	return r, nil
}

// Err is the result as an error that wraps its code's sentinel: nil for success, a *LimitError
// or *OverloadedError where the result carries one.
func (r Result) Err() error { return ErrorOf(r.Code, r.Message, r.Limit, r.RetryAfter) }
