package tree

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// world applies transactions to two replicas of different settings (Z17). After each it checks both, compares them, and
// compares the first with itself read back from a snapshot.
type world struct {
	t       testing.TB
	a, b    *Tree
	options Options
	calls   map[cell.SessionID]uint64
	last    []byte // the payload applied last
	now     int64
	plain   bool // skip the snapshot round-trip, for long runs
}

func newWorld(t testing.TB, o Options) *world {
	return &world{t: t, a: New(o), b: New(Options{}), options: o, calls: map[cell.SessionID]uint64{}}
}

func born(t testing.TB, edit func(*Birth)) *world {
	w := newWorld(t, Options{HistoryCount: 1000, HistoryBytes: 1 << 20})
	b := &Birth{Cell: "local", ID: cell.CellID{1}, HandleKey: [32]byte{7},
		Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(), Format: 1,
		Members: cell.Members{{ID: 1, Client: "h:1", Peer: "h:2", HTTP: "h:3"}}}
	if edit != nil {
		edit(b)
	}
	r := w.own(b)
	require.Zero(t, r.Result.Code, r.Result.Message)
	return w
}

// apply applies a payload as the next record of the first epoch.
func (w *world) apply(payload []byte, k record.Kind) Applied {
	w.t.Helper()
	w.last = payload
	next := w.a.Mark().Index + 1
	r := record.Make(next, cell.MakeZxid(1, uint32(next)), k, payload)
	got := w.a.Apply(r)
	require.Equal(w.t, got, applyAsMaster(w.b, r))
	w.check()
	return got
}

// applyAsMaster applies what the gate has decoded, if it would have let it through.
func applyAsMaster(t *Tree, r record.Record) Applied {
	if tx, err := Decode(r.Payload); err == nil {
		return t.ApplyDecoded(r, tx)
	}
	return t.Apply(r)
}

func (w *world) check() {
	w.t.Helper()
	require.NoError(w.t, w.a.Check())
	require.Equal(w.t, w.a.Digest(), w.b.Digest())
	if w.plain {
		return
	}
	before := w.a.String()
	var file bytes.Buffer
	v := w.a.Freeze()
	require.NoError(w.t, v.Encode(&file))
	back, err := DecodeTree(bytes.NewReader(file.Bytes()), w.options)
	require.NoError(w.t, err)
	require.Equal(w.t, w.a.Digest(), back.Digest())
	require.Equal(w.t, rereadWhole(w.a), rereadWhole(back))
	require.Equal(w.t, before, back.String())
	require.Equal(w.t, w.a.Digest(), v.Digest())
}

// own applies an op of the master's own, with the names that it asks for.
func (w *world) own(op Op) Applied {
	w.t.Helper()
	w.now++
	tx := Txn{Time: w.now, Op: op}
	tx.Names, _ = w.a.Plan(tx)
	return w.apply(Encode(tx), tx.Kind())
}

// call applies a session's next call, with the names that it asks for.
func (w *world) call(s cell.SessionID, op call.Op) Applied {
	w.t.Helper()
	w.calls[s]++
	return w.callAs(s, w.calls[s], 0, op)
}

func (w *world) callAs(s cell.SessionID, number, acked uint64, op call.Op) Applied {
	w.t.Helper()
	w.now++
	tx := Txn{Time: w.now, Session: s, Call: number, Acked: acked, Principal: w.principal(s), Op: op}
	names, refusal := w.a.Plan(tx)
	tx.Names = names
	got := w.apply(Encode(tx), record.Normal)
	if refusal != nil && !got.Replayed { // what Plan refuses, Apply refuses alike
		require.Equal(w.t, refusal.Code, got.Result.Code, got.Result.Message)
	}
	return got
}

func (w *world) open(key byte) cell.SessionID {
	w.t.Helper()
	got := w.own(&OpenSession{KeyHash: [32]byte{key}, Identity: string(rune('a' + key - 1)),
		Principal: cell.Anonymous, Address: "h:9"})
	require.Zero(w.t, got.Result.Code, got.Result.Message)
	return got.Opened
}

// principal is whose session it is.
func (w *world) principal(s cell.SessionID) string {
	v, _ := w.a.Session(s)
	return v.Principal
}
