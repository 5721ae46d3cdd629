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
		return &wire.Op{Op: &wire.Op_Create{Create: createToWire(o)}}
	case *Write:
		return &wire.Op{Op: &wire.Op_Write{Write: writeToWire(o)}}
	case *Delete:
		return &wire.Op{Op: &wire.Op_Delete{Delete: deleteToWire(o)}}
	case *Acquire:
		return &wire.Op{Op: &wire.Op_Acquire{Acquire: &wire.OpAcquire{Name: string(o.Name), Instance: o.Instance,
			Mode: uint32(o.Mode), Wait: o.Wait, Create: o.Create, Delay: o.Delay, Margin: o.Margin,
			MaxHold: o.MaxHold, Note: o.Note, IfHeld: SequencerToWire(o.IfHeld)}}}
	case *Release:
		return &wire.Op{Op: &wire.Op_Release{Release: &wire.OpRelease{Name: string(o.Name), Hold: o.Hold}}}
	case *CloseSession:
		return &wire.Op{Op: &wire.Op_CloseSession{CloseSession: &wire.OpCloseSession{}}}
	case *Txn:
		return &wire.Op{Op: &wire.Op_Txn{Txn: txnToWire(o)}}
	}
	return operatorToWire(op)
}

// OpFromWire reads what OpToWire made. Errors wrap ErrProtocol or ErrBadName.
func OpFromWire(w *wire.Op) (Op, error) {
	switch o := w.GetOp().(type) {
	case *wire.Op_Create:
		return createFromWire(o.Create)
	case *wire.Op_Write:
		return writeFromWire(o.Write)
	case *wire.Op_Delete:
		return deleteFromWire(o.Delete)
	case *wire.Op_Acquire:
		return acquireFromWire(o.Acquire)
	case *wire.Op_Release:
		n, err := name(o.Release.Name)
		return &Release{Name: n, Hold: o.Release.Hold}, err
	case *wire.Op_CloseSession:
		return &CloseSession{}, nil
	case *wire.Op_Txn:
		return txnFromWire(o.Txn)
	}
	return operatorFromWire(w)
}

// operatorToWire is the wire form of what operators ask for.
func operatorToWire(op Op) *wire.Op {
	switch o := op.(type) {
	case *Break:
		return &wire.Op{Op: &wire.Op_Break{Break: &wire.OpBreak{Name: string(o.Name), Token: o.Token}}}
	case *Set:
		return &wire.Op{Op: &wire.Op_Set{Set: &wire.OpSet{Key: o.Key, Value: o.Value}}}
	case *SetACL:
		return &wire.Op{Op: &wire.Op_SetAcl{SetAcl: setACLToWire(o)}}
	case *Kill:
		return &wire.Op{Op: &wire.Op_Kill{Kill: &wire.OpKill{Session: uint64(o.Session)}}}
	}
	panic(fmt.Sprintf("invariant broken: op %T has no wire form", op))
}

func operatorFromWire(w *wire.Op) (Op, error) {
	switch o := w.GetOp().(type) {
	case *wire.Op_Break:
		n, err := name(o.Break.Name)
		return &Break{Name: n, Token: o.Break.Token}, err
	case *wire.Op_Set:
		return &Set{Key: o.Set.Key, Value: o.Set.Value}, nil
	case *wire.Op_SetAcl:
		return setACLFromWire(o.SetAcl)
	case *wire.Op_Kill:
		return &Kill{Session: cell.SessionID(o.Kill.Session)}, nil
	}
	return nil, fmt.Errorf("%w: a call without an op that this version knows", cell.ErrProtocol)
}

func acquireFromWire(o *wire.OpAcquire) (Op, error) {
	n, err := name(o.Name)
	if err == nil && o.Mode > uint32(cell.Exclusive) {
		err = fmt.Errorf("%w: lock mode %d", cell.ErrProtocol, o.Mode)
	}
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(o.IfHeld)
	return &Acquire{Name: n, Instance: o.Instance, Mode: cell.Mode(o.Mode), Wait: o.Wait, Create: o.Create,
		Delay: o.Delay, Margin: o.Margin, MaxHold: o.MaxHold, Note: o.Note, IfHeld: held}, err
}

func createToWire(o *Create) *wire.OpCreate {
	return &wire.OpCreate{Name: o.Name, Contents: o.Contents, Ephemeral: o.Ephemeral, Sequential: o.Sequential,
		Parents: o.Parents, Container: o.Container, Ttl: o.TTL, Acl: ACLToWire(o.ACL),
		IfHeld: SequencerToWire(o.IfHeld)}
}

func createFromWire(w *wire.OpCreate) (*Create, error) {
	acl, err := ACLFromWire(w.Acl)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &Create{Name: w.Name, Contents: w.Contents, Ephemeral: w.Ephemeral, Sequential: w.Sequential,
		Parents: w.Parents, Lasting: Lasting{w.Container, w.Ttl}, ACL: acl, IfHeld: held}, err
}

func writeToWire(o *Write) *wire.OpWrite {
	return &wire.OpWrite{Name: string(o.Name), Instance: o.Instance, Contents: o.Contents,
		IfGeneration: o.IfGeneration, OrCreate: o.OrCreate, Ephemeral: o.Ephemeral, Parents: o.Parents,
		Container: o.Container, Ttl: o.TTL, Acl: ACLToWire(o.ACL), IfHeld: SequencerToWire(o.IfHeld)}
}

func writeFromWire(w *wire.OpWrite) (*Write, error) {
	n, err := name(w.Name)
	if err != nil {
		return nil, err
	}
	acl, err := ACLFromWire(w.Acl)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &Write{Name: n, Instance: w.Instance, Contents: w.Contents, IfGeneration: w.IfGeneration,
		OrCreate: w.OrCreate, Ephemeral: w.Ephemeral, Parents: w.Parents,
		Lasting: Lasting{w.Container, w.Ttl}, ACL: acl, IfHeld: held}, err
}

func deleteToWire(o *Delete) *wire.OpDelete {
	return &wire.OpDelete{Name: string(o.Name), Instance: o.Instance, IfGeneration: o.IfGeneration,
		IfHeld: SequencerToWire(o.IfHeld)}
}

func deleteFromWire(w *wire.OpDelete) (*Delete, error) {
	n, err := name(w.Name)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &Delete{Name: n, Instance: w.Instance, IfGeneration: w.IfGeneration, IfHeld: held}, err
}

// ResultToWire is r's wire form.
func ResultToWire(r Result) *wire.Result {
	w := &wire.Result{Zxid: uint64(r.Zxid), Code: uint32(r.Code), Message: r.Message, RetryAfter: r.RetryAfter,
		Stat: StatToWire(r.Stat), Acquired: HoldStateToWire(r.Acquired), Refused: uint32(r.Refused)}
	for _, s := range r.Parts {
		w.Parts = append(w.Parts, &wire.PartResult{Stat: StatToWire(s)})
	}
	w.Limit = limitToWire(r.Limit)
	if r.Lock != nil {
		w.Lock = lockToWire(*r.Lock)
	}
	return w
}

// ResultFromWire reads what ResultToWire made.
func ResultFromWire(w *wire.Result) (Result, error) {
	r := Result{Zxid: cell.Zxid(w.GetZxid()), Code: cell.Code(w.GetCode()), Message: w.GetMessage(),
		RetryAfter: w.GetRetryAfter(), Refused: int(w.GetRefused())}
	for _, p := range w.GetParts() {
		s, err := StatFromWire(p.Stat)
		if err != nil {
			return r, err
		}
		r.Parts = append(r.Parts, s)
	}
	var err error
	if r.Stat, err = StatFromWire(w.GetStat()); err != nil {
		return r, err
	}
	if r.Acquired, err = HoldStateFromWire(w.GetAcquired()); err != nil {
		return r, err
	}
	r.Limit = limitFromWire(w.GetLimit())
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
