package tree

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// rereadWhole reads everything anew, stretch by stretch, and gives what came of each.
func rereadWhole(t *Tree) []uint64 {
	var sums []uint64
	for at := (Place{}); ; {
		sum, next := t.Reread(at)
		if sums = append(sums, sum); next == (Place{}) {
			return sums
		}
		at = next
	}
}

// A bit that flips anywhere in memory after it was counted shows in the next reading of the whole tree,
// and no snapshot is made of it.
func TestZ14_ABitThatRotsShowsWhenItIsReadAgain(t *testing.T) {
	for what := range RotKinds {
		for pick := range uint64(40) {
			w := full(t)
			before, digest := rereadWhole(w.a), w.a.Digest()
			rot := w.a.Rot(what, "/ls/local", pick)
			require.NotEmpty(t, rot)
			require.Equal(t, digest, w.a.Digest(), "%s: the digest says what was put there", rot)
			require.NotEqual(t, before, rereadWhole(w.a), rot)
			require.ErrorIs(t, w.a.Freeze().Encode(io.Discard), cell.ErrRotten, rot)
			require.Error(t, w.a.Check(), rot)
			w.a.Rot(what, "/ls/local", pick)
			require.Equal(t, before, rereadWhole(w.a), rot)
		}
	}
}

// damaged is a tree with a node that has become another, unknown to its sum.
func damaged(t *Tree, how func(*node)) {
	n := t.node("/ls/local/x/y")
	how(n)
	t.putNode(n)
}

// Only one node is edited at a time: what is kept is what was taken.
func TestZ14_AnEditThatCrossesAnotherTripsAnAssertion(t *testing.T) {
	a, b := cell.Name("/ls/local/x"), cell.Name("/ls/local/x/y")
	require.Panics(t, func() { w := full(t).a; w.ownNode(a); w.ownNode(b) })
	require.Panics(t, func() { w := full(t).a; w.ownNode(a); w.keepNode(w.node(b)) })
	require.Panics(t, func() { w := full(t).a; w.keepNode(w.node(a)) })
	require.NotPanics(t, func() { w := full(t).a; w.keepNode(w.ownNode(a)); w.keepNode(w.ownNode(b)) })
}

// Indexes and the places where elements stand are read too.
func TestZ14_ABrokenIndexShowsWhenItIsReadAgain(t *testing.T) {
	for name, damage := range map[string]func(*Tree){
		"a name": func(t *Tree) {
			n := t.node("/ls/local/x/y")
			t.nodes.Delete(string(n.name))
			n.name = "/ls/local/x/z"
			t.putNode(n)
		},
		"a key":            func(t *Tree) { t.keys[t.session(t.Sessions()[1]).keyHash] ^= 1 },
		"an instance":      func(t *Tree) { damaged(t, func(n *node) { n.instance ^= 1 }) },
		"a count":          func(t *Tree) { damaged(t, func(n *node) { n.edit().children ^= 1 }) },
		"a hold's session": func(t *Tree) { l, _ := t.locks.Get("/ls/local/l"); l.holders[0].session ^= 1 },
		"a lock-delay":     func(t *Tree) { l, _ := t.locks.Get("/ls/local/s"); l.delays[0].length ^= 1 },
		"a quota": func(t *Tree) {
			q, _ := t.quotas.Get("/ls/local/x")
			q.UsedBytes ^= 1
			t.quotas.Set(q.Name, q)
		},
		"what perishes, one too few":  func(t *Tree) { t.perishables.Delete("/ls/local/ttl") },
		"what perishes, one too many": func(t *Tree) { t.perishables.Insert("/ls/local/x") },
		"what is tied": func(t *Tree) {
			for _, id := range t.Sessions() {
				t.tie(id).holds.Set(1, "/ls/local")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := full(t)
			w.call(w.a.Sessions()[0], &call.Create{Name: "/ls/local/ttl", Lasting: call.Lasting{TTL: 1e9}})
			before := rereadWhole(w.a)
			damage(w.a)
			require.NotEqual(t, before, rereadWhole(w.a))
		})
	}
}

// A stretch is bounded, and the next one begins where it ended: nothing is left out, nothing read twice.
func TestZ14_L8_StretchesAreBoundedAndCoverEverything(t *testing.T) {
	tree, _ := filled(t, 3*rereadElements, 10)
	at, stretches := Place{}, 0
	for ; stretches == 0 || at != (Place{}); stretches++ {
		_, next := tree.Reread(at)
		if next != (Place{}) {
			require.True(t, next.Part > at.Part || next.Part == at.Part && next.Name > at.Name, "%v after %v", next, at)
		}
		at = next
	}
	require.Equal(t, 4, stretches)
	before, all := rereadWhole(tree), allNodes(tree)
	for i, n := range all {
		if i%97 == 0 || i > len(all)-3 {
			n.modified ^= 4
			tree.putNode(&n)
			require.NotEqual(t, before, rereadWhole(tree), n.name)
			n.modified ^= 4
			tree.putNode(&n)
		}
	}
	n, after := all[5], all[6]
	n.contents = make([]byte, rereadBytes)
	tree.putNode(&n)
	_, next := tree.Reread(Place{Part: partNodes, Name: n.name})
	require.Equal(t, Place{Part: partNodes, Name: after.name}, next, "so many bytes are enough")
}

func allNodes(t *Tree) (all []node) {
	t.eachNode("", func(n *node) bool {
		one := *n
		one.contents = n.own()
		all = append(all, one)
		return true
	})
	return all
}

func BenchmarkReread(b *testing.B) {
	t, _ := filled(b, 100_000, 1000)
	at := Place{}
	for b.Loop() {
		_, at = t.Reread(at)
	}
}
