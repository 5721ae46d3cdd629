package tree

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// A cursor sees every change after its zxid in order, whatever the piece, or is told that some
// fell off.
func TestC9_HistoryHasEveryChangeOrSaysSo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := Options{HistoryCount: rapid.IntRange(0, 30).Draw(rt, "count"), HistoryBytes: 1 << 20}
		if rapid.Bool().Draw(rt, "few bytes") {
			o.HistoryBytes = rapid.IntRange(0, 5000).Draw(rt, "bytes")
		}
		var h history
		h.most, h.mostBytes = o.HistoryCount, o.HistoryBytes
		tree := &Tree{history: h}
		acls := []*cell.ACL{nil, {Read: "some"}}
		var all []Change
		for z := cell.Zxid(1); z < 40; z++ {
			var some []Change
			for range rapid.SampledFrom([]int{0, 1, 2, 3, 40}).Draw(rt, "changes") {
				n := &node{name: "/ls/local/x", contents: []byte{byte(z)}, zxid: z, modified: int64(z)}
				some = append(some, Change{ACL: acls[int(z)%2], Event: call.Event{Kind: call.EventModified, Name: n.name,
					Zxid: z, Contents: n.contents, Stat: n.stat()}})
			}
			tree.history.add(some)
			all = append(all, some...)
			require.LessOrEqual(rt, tree.history.count, o.HistoryCount)
			require.LessOrEqual(rt, tree.history.bytes, o.HistoryBytes)
		}
		from := cell.Zxid(rapid.IntRange(0, 41).Draw(rt, "from"))
		var want []Change
		for _, c := range all {
			if c.Zxid > from {
				want = append(want, c)
			}
		}
		got, ok := follow(tree, from, rapid.IntRange(0, 4).Draw(rt, "piece"))
		require.Equal(rt, from >= tree.HistoryFrom(), ok)
		if ok {
			require.Equal(rt, want, got)
		}
	})
}

func follow(tree *Tree, z cell.Zxid, piece int) (out []Change, ok bool) {
	for {
		some, ok := tree.Since(z, piece)
		if !ok || len(some) == 0 {
			return out, ok
		}
		out = append(out, some...)
		z = some[len(some)-1].Zxid
	}
}

// A history from which all has fallen off takes a transaction of more changes than it has taken memory for.
func TestC9_AHistoryThatKeepsNothingTakesWhatComes(t *testing.T) {
	w := born(t, nil) // its second tree keeps no history
	m := &call.Txn{}
	for _, name := range []string{"/ls/local/a/a/a", "/ls/local/b/a/a", "/ls/local/c/a/a", "/ls/local/d"} {
		m.Parts = append(m.Parts, &call.Create{Name: name, Parents: true})
	}
	got := w.call(w.open(1), m)
	require.Zero(t, got.Result.Code, got.Result.Message)
	require.Greater(t, len(got.Changes), leastStretch)
}

func TestC9_ASnapshotBeginsAnewHistory(t *testing.T) {
	w := full(t)
	all, ok := w.a.Since(0, 1000)
	require.True(t, ok)
	require.NotEmpty(t, all)
	back, err := DecodeTree(bytes.NewReader(encode(t, w.a.Freeze())), w.options)
	require.NoError(t, err)
	_, ok = back.Since(back.Mark().Zxid-1, 1)
	require.False(t, ok)
	some, ok := back.Since(back.Mark().Zxid, 1)
	require.True(t, ok)
	require.Empty(t, some)
}
