package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
)

// Decode reads what Encode made, strictly, and refuses nonsense: with an error that wraps
// ErrProtocol or ErrBadName. It is the code that Apply uses (B5). The transaction keeps no part
// of the payload.
func Decode(payload []byte) (Txn, error) {
	t, bad, err := decode(payload)
	if err == nil {
		err = bad
	}
	return t, err
}

// MembersOf is the member list that a payload of kind Members sets.
func MembersOf(payload []byte) (cell.Members, error) {
	t, err := Decode(payload)
	if err != nil {
		return nil, err
	}
	switch o := t.Op.(type) {
	case *Birth:
		return o.Members, nil
	case *Bind:
		return o.Members, nil
	}
	return nil, fmt.Errorf("%w: the transaction sets no members", cell.ErrProtocol)
}

// decode tells nonsense (bad: to be refused) from what cannot be read (err: Z16). With bad, the
// op may be missing.
func decode(payload []byte) (t Txn, bad, err error) {
	if len(payload) > MaxTxnBytes {
		return t, nil, unknownFormat(over("transaction", MaxTxnBytes, len(payload)))
	}
	if t, ok := decodeDirect(payload); ok {
		return t, nil, nil
	}
	return decodeSlowly(payload)
}

func decodeSlowly(payload []byte) (t Txn, bad, err error) {
	var w wire.Txn
	if err := wire.Unmarshal(payload, &w); err != nil {
		return t, nil, unknownFormat(err.Error())
	}
	t = Txn{Time: w.Time, Session: cell.SessionID(w.Session), Call: w.Call, Acked: w.Acked, Principal: w.Principal}
	if t.Names, bad = names(w.Names, MaxTxnNames); bad != nil {
		t.Names = nil
	}
	op, badOp, err := decodeOp(&w)
	if err != nil {
		return Txn{}, nil, err
	}
	if t.Op = op; badOp != nil {
		bad = badOp
	}
	if bad == nil {
		if why := t.Invalid(); why != "" {
			bad = fmt.Errorf("%w: %s", cell.ErrProtocol, why)
		}
	}
	return t, bad, nil
}

// unknownFormat is an error of what no version of ours up to this one has written: garbage, or a
// kind or field of a newer format.
func unknownFormat(why string) error {
	return fmt.Errorf("%w: not a transaction of a format that this version knows: %s", cell.ErrProtocol, why)
}

func decodeOp(w *wire.Txn) (op Op, bad, err error) {
	switch o := w.Op.(type) {
	case *wire.Txn_Client:
		if o.Client.GetOp() == nil {
			return nil, nil, unknownFormat("a call without an op")
		}
		if op, bad := call.OpFromWire(o.Client); bad == nil {
			return op, nil, nil
		} else {
			return nil, bad, nil
		}
	case *wire.Txn_Marker:
		return decodeMarker(o.Marker)
	case *wire.Txn_Raise:
		return &Raise{Format: o.Raise.Format}, nil, nil
	case *wire.Txn_Birth:
		return decodeBirth(o.Birth)
	case *wire.Txn_Bind:
		members, bad := call.MembersFromWire(o.Bind.Members)
		return &Bind{Members: members}, bad, nil
	case *wire.Txn_OpenSession:
		op := &OpenSession{Identity: o.OpenSession.Identity, Principal: o.OpenSession.Principal,
			Address: o.OpenSession.Address}
		return op, fill(op.KeyHash[:], o.OpenSession.KeyHash, "key hash"), nil
	case *wire.Txn_MarkCaching:
		return &MarkCaching{Sessions: sessionIDs(o.MarkCaching.Sessions)}, nil, nil
	case *wire.Txn_EndSessions:
		return &EndSessions{Sessions: sessionIDs(o.EndSessions.Sessions), Why: o.EndSessions.Why}, nil, nil
	case *wire.Txn_Allow:
		return &Allow{SessionLease: lease.Duration(o.Allow.Session), CacheLease: lease.Duration(o.Allow.Cache)}, nil, nil
	case *wire.Txn_UnmarkCaching:
		return &UnmarkCaching{Sessions: sessionIDs(o.UnmarkCaching.Sessions)}, nil, nil
	case *wire.Txn_MarkSilent:
		op := &MarkSilent{}
		for _, s := range o.MarkSilent.Sessions {
			op.Sessions = append(op.Sessions, SilentSession{cell.SessionID(s.Session), lease.Duration(s.Rest)})
		}
		return op, nil, nil
	case *wire.Txn_HeardAgain:
		return &HeardAgain{Sessions: sessionIDs(o.HeardAgain.Sessions)}, nil, nil
	case *wire.Txn_Age:
		return &Age{Passed: lease.Duration(o.Age.Passed), Upto: lease.Duration(o.Age.Upto)}, nil, nil
	case *wire.Txn_Quit:
		return &Quit{Session: cell.SessionID(o.Quit.Session)}, nil, nil
	case *wire.Txn_BreakOverdue:
		holds, bad := holdsOf(o.BreakOverdue.Holds)
		return &BreakOverdue{Holds: holds}, bad, nil
	case *wire.Txn_Reap:
		ns, bad := names(o.Reap.Names, MaxTxnReaped)
		return &Reap{Session: cell.SessionID(o.Reap.Session), Names: ns, Keep: o.Reap.Keep}, bad, nil
	case *wire.Txn_Perish:
		nodes, bad := perishedFromWire(o.Perish.Nodes)
		return &Perish{Nodes: nodes}, bad, nil
	case *wire.Txn_EndDelays:
		keys, bad := keysOf(o.EndDelays.Locks)
		return &EndDelays{Locks: keys}, bad, nil
	}
	return nil, nil, unknownFormat("a transaction without an op")
}

func decodeBirth(w *wire.TxnBirth) (op Op, bad, err error) {
	o := &Birth{Cell: w.Cell, Limits: call.LimitsFromWire(w.Limits), Format: w.Format, Admin: w.Admin}
	if bad := fill(o.ID[:], w.Id, "cell id"); bad != nil {
		return o, bad, nil
	}
	if bad := fill(o.HandleKey[:], w.HandleKey, "handle key"); bad != nil {
		return o, bad, nil
	}
	if o.Members, bad = call.MembersFromWire(w.Members); bad != nil {
		return o, bad, nil
	}
	o.Lengths, bad = call.LengthsFromWire(w.Lengths)
	return o, bad, nil
}

func decodeMarker(w *wire.TxnMarker) (op Op, bad, err error) {
	o := &Marker{Agreed: w.Agreed, Digest: w.Digest, Disputed: w.Disputed,
		From: Place{Part: Part(min(w.Part, uint32(parts))), Session: cell.SessionID(w.Session)}}
	if w.Name != "" {
		o.From.Name, bad = cell.ParseName(w.Name)
	}
	return o, bad, nil
}

func fill(to, from []byte, what string) error {
	if len(from) != len(to) {
		return fmt.Errorf("%w: %s of %d bytes, not %d", cell.ErrProtocol, what, len(from), len(to))
	}
	copy(to, from)
	return nil
}

func names(texts []string, most int) ([]cell.Name, error) {
	if len(texts) > most {
		return nil, fmt.Errorf("%w: %s", cell.ErrProtocol, over("names of a transaction", most, len(texts)))
	}
	var out []cell.Name
	for _, s := range texts {
		n, err := cell.ParseName(s)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func sessionIDs(ids []uint64) []cell.SessionID {
	var out []cell.SessionID
	for _, id := range ids {
		out = append(out, cell.SessionID(id))
	}
	return out
}

func keysOf(locks []*wire.TxnDelayKey) ([]DelayKey, error) {
	var out []DelayKey
	for _, k := range locks {
		n, err := cell.ParseName(k.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, DelayKey{Name: n, Token: k.Token})
	}
	return out, nil
}

func holdsOf(holds []*wire.TxnHoldKey) ([]HoldKey, error) {
	var out []HoldKey
	for _, k := range holds {
		n, err := cell.ParseName(k.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, HoldKey{Name: n, Hold: k.Hold})
	}
	return out, nil
}
