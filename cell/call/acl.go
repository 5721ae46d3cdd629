package call

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// SetACL changes the ACL names of a node: "" leaves one as it is. Instance 0 is any. IfGeneration
// is that of the ACL; nil is any.
type SetACL struct {
	Name         cell.Name
	Instance     uint64
	ACL          cell.ACL
	IfGeneration *uint64
	IfHeld       *cell.Sequencer
}

// RightsAsk asks for the ACL names of a node, and what Principal may do to it: "" is who asks.
type RightsAsk struct {
	Name      cell.Name
	Instance  uint64
	Principal string
}

// RightsReply answers RightsAsk.
type RightsReply struct {
	ACL        cell.ACL
	Generation uint64
	Instance   uint64
	Principal  string
	Rights     cell.Rights
}

func (*SetACL) op()     {}
func (*RightsAsk) ask() {}

// Invalid: see Message.
func (m *SetACL) Invalid() string {
	return first(m.ACL.Invalid(), when(m.ACL == cell.ACL{}, "no name of an ACL is given"), badProof(m.IfHeld))
}

// Invalid: see Message.
func (m *RightsAsk) Invalid() string {
	return tooLong("principal", len(m.Principal), cell.MaxPrincipalBytes)
}

// ACLToWire is a's wire form; nil for none at all.
func ACLToWire(a cell.ACL) *wire.ACL {
	if a == (cell.ACL{}) {
		return nil
	}
	return &wire.ACL{Read: a.Read, Write: a.Write, Change: a.Change}
}

// ACLFromWire reads what ACLToWire made.
func ACLFromWire(w *wire.ACL) (cell.ACL, error) {
	a := cell.ACL{Read: w.GetRead(), Write: w.GetWrite(), Change: w.GetChange()}
	if why := a.Invalid(); why != "" {
		return a, fmt.Errorf("%w: %s", cell.ErrProtocol, why)
	}
	return a, nil
}

func setACLToWire(o *SetACL) *wire.OpSetACL {
	return &wire.OpSetACL{Name: string(o.Name), Instance: o.Instance, Acl: ACLToWire(o.ACL),
		IfGeneration: o.IfGeneration, IfHeld: SequencerToWire(o.IfHeld)}
}

func setACLFromWire(w *wire.OpSetACL) (Op, error) {
	n, err := name(w.Name)
	if err != nil {
		return nil, err
	}
	a, err := ACLFromWire(w.Acl)
	if err != nil {
		return nil, err
	}
	held, err := SequencerFromWire(w.IfHeld)
	return &SetACL{Name: n, Instance: w.Instance, ACL: a, IfGeneration: w.IfGeneration, IfHeld: held}, err
}

func rightsToWire(r *RightsReply) *wire.RightsReply {
	return &wire.RightsReply{Acl: ACLToWire(r.ACL), Generation: r.Generation, Instance: r.Instance,
		Principal: r.Principal, Rights: uint32(r.Rights)}
}

func readRights(m *QueryReply, w *wire.QueryReply) error {
	r := w.Rights
	if r == nil {
		return nil
	}
	a, err := ACLFromWire(r.Acl)
	if err == nil && (r.Rights > 0xff || !cell.Rights(r.Rights).Valid()) {
		err = fmt.Errorf("%w: rights %d", cell.ErrProtocol, r.Rights)
	}
	m.Rights = &RightsReply{ACL: a, Generation: r.Generation, Instance: r.Instance, Principal: r.Principal,
		Rights: cell.Rights(r.Rights)}
	return err
}
