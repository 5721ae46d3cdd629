package tree

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

var (
	gen    = uint64(3)
	proof  = cell.Sequencer{Mode: cell.Exclusive, Grant: 9, Hold: 8, Instance: 7, Name: "/ls/local/l"}
	single = cell.Members{{ID: 1, Incarnation: 5, Client: "a:1", Peer: "a:2", HTTP: "a:3"}}
)

// every has a transaction of each kind, with every field set.
func every() []Txn {
	mine := func(op Op, names ...cell.Name) Txn { return Txn{Time: 5, Names: names, Op: op} }
	of := func(op Op, names ...cell.Name) Txn {
		return Txn{Time: 5, Names: names, Session: cell.SessionID(cell.MakeZxid(1, 2)), Call: 3, Acked: 2,
			Principal: "spiffe://x/ä", Op: op}
	}
	return []Txn{
		mine(&Marker{}),
		mine(&Birth{Cell: "local", ID: cell.CellID{1}, HandleKey: [32]byte{31: 7},
			Members: single, Lengths: cell.DefaultLengths(),
			Limits: cell.DefaultLimits(), Format: 1, Admin: "first"}, "/ls/local"),
		mine(&Bind{Members: single}),
		mine(&OpenSession{KeyHash: [32]byte{1}, Identity: "i", Principal: "p", Address: "a"}),
		mine(&MarkCaching{Sessions: []cell.SessionID{1, 2}}),
		mine(&EndSessions{Sessions: []cell.SessionID{1, 2}, Why: "why"}),
		mine(&Reap{Session: 9, Names: []cell.Name{"/ls/local/a", "/ls/local/b"}, Keep: true}, "/ls/local", "/ls/local/a"),
		mine(&Perish{Nodes: []Perished{{"/ls/local/a", 7, 8}, {"/ls/local/b", 9, 9}}}, "/ls/local", "/ls/local/a"),
		mine(&EndDelays{Locks: []DelayKey{{"/ls/local/a", 3}, {"/ls/local/a", 4}, {"/ls/local/b", 1}}}),
		of(&call.Create{Name: "/ls/local/a/", Contents: []byte("c"), Sequential: true, Parents: true, IfHeld: &proof,
			Lasting: call.Lasting{Container: true}, ACL: cell.ACL{Read: "r", Change: "c"}},
			"/ls/local/a"),
		of(&call.Write{Name: "/ls/local/a", Instance: 7, Contents: []byte("c"), IfGeneration: &gen, OrCreate: true,
			Ephemeral: true, ACL: cell.ACL{Write: "w"}}),
		of(&call.Delete{Name: "/ls/local/a", Instance: 7, IfGeneration: &gen, IfHeld: &proof}),
		of(&call.Acquire{Name: "/ls/local/a", Mode: cell.Shared, Wait: true, Create: true, Delay: -1, Margin: 3, MaxHold: 5,
			Note: "n"}),
		of(&call.Break{Name: "/ls/local/a", Token: 7}),
		of(&call.Kill{Session: 7}),
		of(&call.SetACL{Name: "/ls/local/a", Instance: 7, ACL: cell.ACL{Read: "r", Write: "w", Change: "c"},
			IfGeneration: &gen, IfHeld: &proof}, "/ls/local/a"),
		of(&call.Set{Key: "lock_delay", Value: 7}),
		mine(&Allow{SessionLease: 7, CacheLease: 8}),
		mine(&MarkSilent{Sessions: []SilentSession{{1, 2}, {3, 4}}}),
		mine(&UnmarkCaching{Sessions: []cell.SessionID{1, 2}}),
		mine(&HeardAgain{Sessions: []cell.SessionID{1, 2}}),
		mine(&Age{Passed: 7, Upto: 8}),
		mine(&Quit{Session: 7}),
		mine(&BreakOverdue{Holds: []HoldKey{{"/ls/local/a", 3}, {"/ls/local/a", 4}, {"/ls/local/b", 1}}}),
		of(&call.Release{Name: "/ls/local/a", Hold: 7}),
		of(&call.CloseSession{}),
		of(&call.Txn{Parts: []call.Part{&call.Create{Name: "/ls/local/a/b", Contents: []byte("c"), IfHeld: &proof},
			&call.Write{Name: "/ls/local/a", Contents: []byte("c")}, &call.Delete{Name: "/ls/local/a", Instance: 7},
			&call.Check{Name: "/ls/local/a", Instance: 7, IfGeneration: &gen}, &call.Check{Name: "/ls/local/b", Absent: true},
			&call.CheckSequencer{Sequencer: proof}}}, "/ls/local/a", "/ls/local/a/b"),
	}
}

func TestATransactionIsReadBackAsItWasWritten(t *testing.T) {
	for _, tx := range every() {
		payload := Encode(tx)
		back, err := Decode(payload)
		require.NoError(t, err, "%T", tx.Op)
		require.Equal(t, tx, back)
		members, err := MembersOf(payload)
		if tx.Kind() == record.Members {
			require.NoError(t, err)
			require.Equal(t, single, members)
		} else {
			require.ErrorIs(t, err, cell.ErrProtocol)
		}
	}
}

// Nonsense is refused by Apply, the same everywhere, and changes nothing but the mark.
func TestB5_NonsenseIsRefused(t *testing.T) {
	name := cell.Name("/ls/local/a")
	bad := []Txn{
		{Op: &call.Delete{Name: name}},
		{Session: 4, Op: &call.Delete{Name: name}},
		{Session: 4, Call: 1, Acked: 1, Op: &call.Delete{Name: name}},
		{Session: 4, Call: 1, Op: &Marker{}},
		{Names: []cell.Name{"/ls/local/b", name}, Op: &Marker{}},
		{Names: []cell.Name{name, name}, Op: &Marker{}},
		{Names: []cell.Name{"/nowhere"}, Op: &Marker{}},
		{Op: &Bind{}},
		{Op: &Bind{Members: cell.Members{{ID: 2}, {ID: 1}}}},
		{Op: &Birth{Cell: "a/b", Members: single, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(), Format: 1}},
		{Op: &Birth{Cell: "a", Members: single, Limits: cell.DefaultLimits(), Format: 1}},
		{Op: &Birth{Cell: "a", Members: single, Lengths: cell.DefaultLengths(), Format: 1}},
		{Op: &OpenSession{}},
		{Op: &OpenSession{KeyHash: [32]byte{1}, Identity: string(make([]byte, MaxTextBytes+1))}},
		{Op: &EndSessions{Sessions: []cell.SessionID{2, 1}}},
		{Op: &MarkCaching{Sessions: make([]cell.SessionID, MaxTxnSessions+1)}},
		{Op: &Reap{}},
		{Op: &Reap{Session: 1, Names: []cell.Name{"/ls/local/b", name}}},
		{Op: &Perish{Nodes: []Perished{{name, 2, 2}, {name, 2, 2}}}},
		{Op: &EndDelays{Locks: []DelayKey{{name, 2}, {name, 2}}}},
		{Session: 4, Call: 1, Op: &call.Create{Name: "no name"}},
		{Session: 4, Call: 1, Op: &call.Acquire{Name: name}},
		{Session: 4, Call: 1, Op: &call.Acquire{Name: name, Mode: 9}},
		{Session: 4, Call: 1, Op: &call.Release{Name: name}},
		{Session: 4, Call: 1, Op: &call.Create{Name: "/ls/local/a", Ephemeral: true, Lasting: call.Lasting{TTL: 1e9}}},
		{Session: 4, Call: 1, Op: &call.Create{Name: "/ls/local/a", Lasting: call.Lasting{Container: true, TTL: 1e9}}},
		{Session: 4, Call: 1, Op: &call.Create{Name: "/ls/local/a", Lasting: call.Lasting{TTL: -1}}},
		{Session: 4, Call: 1, Op: &call.Write{Name: name, Lasting: call.Lasting{Container: true}}},
		{Session: 4, Call: 1, Op: &call.Write{Name: name, ACL: cell.ACL{Read: "r"}}},
		{Session: 4, Call: 1, Op: &call.Create{Name: "/ls/local/a", ACL: cell.ACL{Read: "r/s"}}},
		{Session: 4, Call: 1, Op: &call.Txn{}},
		{Session: 4, Call: 1, Op: &call.Txn{Parts: []call.Part{&call.Create{Name: "no name"}}}},
		{Session: 4, Call: 1, Op: &call.Txn{Parts: []call.Part{&call.Check{Name: name, Instance: 1, Absent: true}}}},
	}
	for i, tx := range bad {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			w := born(t, nil)
			_, err := Decode(Encode(tx))
			require.Error(t, err)
			before := w.a.state
			got := w.apply(Encode(tx), tx.Kind())
			require.Empty(t, got.Fatal)
			require.NotZero(t, got.Result.Code)
			require.Empty(t, got.Changes)
			require.Equal(t, before.sum, w.a.sum)
			require.Equal(t, before.mark.Index+1, w.a.Mark().Index)
		})
	}
}

// What no version of ours has written stops the replica, and the tree stays as it was.
func TestZ16_AnUnknownKindOrFieldIsFatal(t *testing.T) {
	begin := Encode(Txn{Op: &Marker{}})
	field := protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1)
	newer := &Birth{Cell: "x", Members: single, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(),
		Format: cell.Format + 1}
	for name, c := range map[string]struct {
		payload []byte
		kind    record.Kind
	}{
		"a field":         {append(bytes.Clone(begin), field...), record.Normal},
		"no op":           {nil, record.Normal},
		"a call of no op": {protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), nil), record.Normal},
		"garbage":         {[]byte{0xff, 0xff, 0xff}, record.Normal},
		"a kind":          {begin, 7},
		"another kind":    {begin, record.Members},
		"a format":        {Encode(Txn{Op: newer}), record.Members},
		"too long":        {make([]byte, MaxTxnBytes+1), record.Normal},
	} {
		t.Run(name, func(t *testing.T) {
			w := born(t, nil)
			before, digest := w.a.Mark(), w.a.Digest()
			got := w.apply(c.payload, c.kind)
			require.Contains(t, got.Fatal, "1.2")
			require.Equal(t, before, w.a.Mark())
			require.Equal(t, digest, w.a.Digest())
		})
	}
}

// Whatever bytes come, on whatever tree, Apply gives the same answer on two replicas and leaves a sound
// tree. Each byte of past is a transaction that made the tree what it is.
func FuzzB5_ApplyTakesAnyBytes(f *testing.F) {
	all := every()
	for i, tx := range all {
		f.Add([]byte{}, Encode(tx), byte(tx.Kind()))
		f.Add([]byte{byte(i), byte(7 * i), byte(i + 1)}, Encode(tx), byte(tx.Kind()))
	}
	f.Fuzz(func(t *testing.T, past, payload []byte, kind byte) {
		w := born(t, nil)
		s := w.open(1)
		w.call(s, &call.Acquire{Name: "/ls/local/a", Mode: cell.Exclusive, Create: true})
		w.plain = true
		for _, b := range past[:min(len(past), 40)] {
			w.happens(s, all[int(b)%len(all)])
		}
		w.plain = false
		w.apply(payload, record.Kind(kind))
		if tx, err := Decode(payload); err == nil {
			w.a.Plan(tx)
		}
	})
}

// happens applies a transaction as the master would propose it now: a call as the session's next.
func (w *world) happens(s cell.SessionID, tx Txn) {
	if op, ok := tx.Op.(call.Op); ok {
		w.call(s, op)
		return
	}
	w.own(tx.Op)
}

// Only a broken invariant of our own ends a replica in Apply, and then it names the transaction.
func TestB5_ABrokenInvariantNamesTheTransaction(t *testing.T) {
	w := born(t, nil)
	require.PanicsWithValue(t, "applying transaction 1.1: invariant broken: record 1@1.1 applied after 1@1.1", func() {
		w.a.Apply(record.Make(1, cell.MakeZxid(1, 1), record.Normal, nil))
	})
}

// A lease of no length is no lease: neither of the two may be 0.
func TestL6_AnAllowedLeaseHasALength(t *testing.T) {
	require.Empty(t, (&Allow{SessionLease: 1, CacheLease: 1}).Invalid())
	require.NotEmpty(t, (&Allow{SessionLease: 0, CacheLease: 1}).Invalid())
	require.NotEmpty(t, (&Allow{SessionLease: 1, CacheLease: 0}).Invalid())
}
