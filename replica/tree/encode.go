package tree

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
)

// Encode is the payload of a transaction. Its op must be one of those named at Op.
func Encode(t Txn) []byte {
	if out := encodeDirect(&t); out != nil {
		return out
	}
	return encodeSlowly(t)
}

func encodeSlowly(t Txn) []byte {
	w := &wire.Txn{Time: t.Time, Names: texts(t.Names), Session: uint64(t.Session), Call: t.Call, Acked: t.Acked,
		Principal: t.Principal}
	encodeOp(w, t.Op)
	out, err := proto.Marshal(w)
	cell.Assert(err == nil, "a transaction has no encoding: %v", err)
	return out
}

func encodeOp(w *wire.Txn, op Op) {
	switch o := op.(type) {
	case call.Op:
		w.Op = &wire.Txn_Client{Client: call.OpToWire(o)}
	case *Marker:
		w.Op = &wire.Txn_Marker{Marker: &wire.TxnMarker{Agreed: o.Agreed, Digest: o.Digest, Disputed: o.Disputed,
			Part: uint32(o.From.Part), Session: uint64(o.From.Session), Name: string(o.From.Name)}}
	case *Raise:
		w.Op = &wire.Txn_Raise{Raise: &wire.TxnRaise{Format: o.Format}}
	case *Birth:
		w.Op = &wire.Txn_Birth{Birth: &wire.TxnBirth{Cell: o.Cell, Id: o.ID[:], Members: call.MembersToWire(o.Members),
			Lengths: call.LengthsToWire(o.Lengths), Limits: call.LimitsToWire(o.Limits), Format: o.Format,
			HandleKey: o.HandleKey[:], Admin: o.Admin}}
	case *Bind:
		w.Op = &wire.Txn_Bind{Bind: &wire.TxnBind{Members: call.MembersToWire(o.Members)}}
	case *OpenSession:
		w.Op = &wire.Txn_OpenSession{OpenSession: &wire.TxnOpenSession{KeyHash: o.KeyHash[:], Identity: o.Identity,
			Principal: o.Principal, Address: o.Address}}
	case *MarkCaching:
		w.Op = &wire.Txn_MarkCaching{MarkCaching: &wire.TxnMarkCaching{Sessions: numbers(o.Sessions)}}
	case *EndSessions:
		w.Op = &wire.Txn_EndSessions{EndSessions: &wire.TxnEndSessions{Sessions: numbers(o.Sessions), Why: o.Why}}
	case *Allow:
		w.Op = &wire.Txn_Allow{Allow: &wire.TxnAllow{Session: int64(o.SessionLease), Cache: int64(o.CacheLease)}}
	case *UnmarkCaching:
		w.Op = &wire.Txn_UnmarkCaching{UnmarkCaching: &wire.TxnUnmarkCaching{Sessions: numbers(o.Sessions)}}
	case *MarkSilent:
		w.Op = &wire.Txn_MarkSilent{MarkSilent: &wire.TxnMarkSilent{Sessions: silentOnes(o.Sessions)}}
	case *HeardAgain:
		w.Op = &wire.Txn_HeardAgain{HeardAgain: &wire.TxnHeardAgain{Sessions: numbers(o.Sessions)}}
	case *Age:
		w.Op = &wire.Txn_Age{Age: &wire.TxnAge{Passed: int64(o.Passed), Upto: int64(o.Upto)}}
	case *Quit:
		w.Op = &wire.Txn_Quit{Quit: &wire.TxnQuit{Session: uint64(o.Session)}}
	case *BreakOverdue:
		w.Op = &wire.Txn_BreakOverdue{BreakOverdue: &wire.TxnBreakOverdue{Holds: holdKeys(o.Holds)}}
	case *Reap:
		w.Op = &wire.Txn_Reap{Reap: &wire.TxnReap{Session: uint64(o.Session), Names: texts(o.Names), Keep: o.Keep}}
	case *Perish:
		w.Op = &wire.Txn_Perish{Perish: &wire.TxnPerish{Nodes: perishedToWire(o.Nodes)}}
	case *EndDelays:
		w.Op = &wire.Txn_EndDelays{EndDelays: &wire.TxnEndDelays{Locks: delayKeys(o.Locks)}}
	default:
		panic(fmt.Sprintf("invariant broken: op %T has no wire form", op))
	}
}

func texts(names []cell.Name) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return out
}

func numbers(ids []cell.SessionID) []uint64 {
	out := make([]uint64, len(ids))
	for i, id := range ids {
		out[i] = uint64(id)
	}
	return out
}

func holdKeys(keys []HoldKey) []*wire.TxnHoldKey {
	out := make([]*wire.TxnHoldKey, len(keys))
	for i, k := range keys {
		out[i] = &wire.TxnHoldKey{Name: string(k.Name), Hold: k.Hold}
	}
	return out
}

func delayKeys(keys []DelayKey) []*wire.TxnDelayKey {
	out := make([]*wire.TxnDelayKey, len(keys))
	for i, k := range keys {
		out[i] = &wire.TxnDelayKey{Name: string(k.Name), Token: k.Token}
	}
	return out
}

func silentOnes(all []SilentSession) []*wire.SilentSession {
	out := make([]*wire.SilentSession, len(all))
	for i, s := range all {
		out[i] = &wire.SilentSession{Session: uint64(s.Session), Rest: int64(s.Rest)}
	}
	return out
}
