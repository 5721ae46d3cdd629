package tree

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// full is a tree with something of everything in it.
func full(t testing.TB) *world {
	w := born(t, nil)
	a, b, c := w.open(1), w.open(2), w.open(3)
	w.own(&MarkCaching{Sessions: []cell.SessionID{a}})
	w.call(a, &call.Create{Name: "/ls/local/x/y/q-", Sequential: true, Parents: true, Contents: []byte("abc")})
	w.call(a, &call.Create{Name: "/ls/local/e", Ephemeral: true})
	w.call(a, &call.Acquire{Name: "/ls/local/e", Mode: cell.Exclusive, Delay: -1})
	w.call(a, &call.Acquire{Name: "/ls/local/l", Mode: cell.Exclusive, Delay: -1, Create: true, Note: "n", Margin: 5})
	w.call(b, &call.Acquire{Name: "/ls/local/l", Mode: cell.Shared, Delay: 1e9, Wait: true})
	w.call(b, &call.Acquire{Name: "/ls/local/s", Mode: cell.Shared, Delay: 1e9, Create: true})
	w.call(c, &call.Acquire{Name: "/ls/local/s", Mode: cell.Shared, Delay: 9e8})
	w.call(b, &call.Delete{Name: "/ls/local/none"})
	w.call(a, &call.Set{Key: "quota_nodes:/ls/local/x", Value: 5})
	w.own(&EndSessions{Sessions: []cell.SessionID{c}, Why: "expired"})
	return w
}

func encode(t testing.TB, v *View) []byte {
	var b bytes.Buffer
	require.NoError(t, v.Encode(&b))
	return b.Bytes()
}

func TestASnapshotOfAnUnbornTreeIsReadBack(t *testing.T) {
	w := newWorld(t, Options{})
	w.check()
	w.own(&Marker{})
	require.False(t, w.a.Born())
	got := w.own(&Bind{Members: single})
	require.Equal(t, cell.CodeOf(cell.ErrConflict), got.Result.Code)
}

// A view stays as it was, bytes and all, while the tree goes on; another goroutine may read it.
func TestAViewIsImmutable(t *testing.T) {
	w := full(t)
	w.plain = true
	v, digest, shown := w.a.Freeze(), w.a.Digest(), w.a.String()
	want := encode(t, v)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 20 {
			var b bytes.Buffer
			_ = v.Encode(&b)
			if !bytes.Equal(b.Bytes(), want) {
				t.Error("the view has changed")
			}
		}
	})
	s := w.a.Sessions()[1]
	for i := range 200 {
		name := cell.Name(fmt.Sprintf("/ls/local/x/n%d", i%50))
		w.call(s, &call.Write{Name: name, Contents: []byte("new"), OrCreate: true})
		w.call(s, &call.Acquire{Name: "/ls/local/l", Mode: cell.Shared, Wait: true})
		w.callAs(s, w.calls[s]+1, w.calls[s], &call.Delete{Name: name})
		w.calls[s]++
	}
	later := w.a.Freeze()
	wantLater := encode(t, later)
	w.callAs(s, w.calls[s]+1, w.calls[s], &call.Delete{Name: "/ls/local/none"})
	w.own(&EndSessions{Sessions: w.a.Sessions(), Why: "expired"})
	require.Equal(t, wantLater, encode(t, later))
	wg.Wait()
	require.Equal(t, want, encode(t, v))
	require.Equal(t, digest, v.Digest())
	require.NotEqual(t, shown, w.a.String())
}

// No damage to a snapshot passes: each byte changed, each length cut.
func TestZ12_ADamagedSnapshotIsRefused(t *testing.T) {
	w := full(t)
	good := encode(t, w.a.Freeze())
	for i := range good {
		if _, err := DecodeTree(bytes.NewReader(good[:i]), Options{}); err == nil {
			t.Fatalf("cut at %d of %d: read all the same", i, len(good))
		}
		bad := bytes.Clone(good)
		bad[i] ^= 0x15
		if back, err := DecodeTree(bytes.NewReader(bad), Options{}); err == nil && back.String() != w.a.String() {
			t.Fatalf("byte %d of %d changed: read as another tree", i, len(good))
		}
	}
	_, err := DecodeTree(bytes.NewReader(append(bytes.Clone(good), 0)), Options{})
	require.ErrorContains(t, err, "behind its end")
	broken := errors.New("disk")
	_, err = DecodeTree(iotest.TimeoutReader(iotest.HalfReader(bytes.NewReader(good))), Options{})
	require.ErrorIs(t, err, iotest.ErrTimeout)
	require.ErrorIs(t, w.a.Freeze().Encode(iotest.TruncateWriter(failing{broken}, 10)), broken)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzB5_DecodeTreeTakesAnyBytes(f *testing.F) {
	f.Add(encode(f, full(f).a.Freeze()))
	f.Add(encode(f, New(Options{}).Freeze()))
	f.Fuzz(func(t *testing.T, b []byte) {
		tree, err := DecodeTree(bytes.NewReader(b), Options{})
		if err == nil {
			require.NoError(t, tree.Check())
			back, err := DecodeTree(bytes.NewReader(encode(t, tree.Freeze())), Options{})
			require.NoError(t, err)
			require.Equal(t, tree.Digest(), back.Digest())
		}
	})
}

// What differs between two replicas shows in the digest, wherever it lies.
func TestZ14_EveryPartIsInTheDigest(t *testing.T) {
	for name, damage := range map[string]func(*Tree){
		"a fact":     func(t *Tree) { t.lengths.LockDelay++ },
		"a limit":    func(t *Tree) { t.limits.Unacked++ },
		"a member":   func(t *Tree) { t.members = append(cell.Members{}, cell.Member{ID: 9}) },
		"a sequence": func(t *Tree) { n := t.ownNode("/ls/local/x/y"); n.edit().sequence++; t.keepNode(n) },
		"a session":  func(t *Tree) { x := t.ownSession(t.Sessions()[1]); x.caching = true; t.keepSession(x) },
		"a record": func(t *Tree) {
			id := t.Sessions()[1]
			t.answer(Txn{Session: id, Call: 9}, call.Result{})
		},
		"a hold": func(t *Tree) {
			l := t.ownLock(t.node("/ls/local/l"))
			t.removeHold(&Applied{}, l, l.queue[0])
			t.keepLock(l)
		},
		"a delay": func(t *Tree) {
			l := t.ownLock(t.node("/ls/local/s"))
			t.removeDelay(l, l.delays[0].token)
			t.keepLock(l)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := full(t)
			damage(w.b)
			require.NotEqual(t, w.a.Digest(), w.b.Digest())
		})
	}
}
