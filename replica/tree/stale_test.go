package tree

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// drawOp draws any op that changes nodes, on names that collide often.
func drawOp(t *rapid.T) call.Op {
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return &call.Create{Name: string(drawName(t)), Sequential: true, Parents: rapid.Bool().Draw(t, "parents"),
			Ephemeral: rapid.Bool().Draw(t, "ephemeral")}
	case 1:
		return &call.Acquire{Name: drawName(t), Mode: cell.Exclusive, Create: true, Wait: true, Delay: -1}
	case 2:
		return &call.Create{Name: string(drawName(t)), Parents: rapid.Bool().Draw(t, "parents"),
			Ephemeral: rapid.Bool().Draw(t, "ephemeral")}
	}
	return drawFileOp(t)
}

// Names planned in one state and applied in a later one: whatever has happened between, nothing
// is changed that the transaction does not carry, and a conflict changes nothing.
func TestC11_StaleNamesChangeNothingElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := born(t, nil)
		s := w.open(1)
		var waiting []Txn
		for range rapid.IntRange(1, 30).Draw(rt, "ops") {
			tx := Txn{Session: s, Principal: cell.Anonymous, Op: drawOp(rt), Call: 1}
			tx.Names, _ = w.a.Plan(Txn{Session: s, Principal: cell.Anonymous, Call: 1 << 40, Op: tx.Op})
			waiting = append(waiting, tx)
			if len(waiting) < 3 && rapid.Bool().Draw(rt, "wait") {
				continue
			}
			i := rapid.IntRange(0, len(waiting)-1).Draw(rt, "which")
			tx = waiting[i]
			waiting = slices.Delete(waiting, i, i+1)
			w.calls[s]++
			tx.Call, tx.Acked = w.calls[s], w.calls[s]-1
			before := byName(t, w.a)
			got := w.apply(Encode(tx), record.Normal)
			after := byName(t, w.a)
			for name, n := range after {
				made := sequentialOp(tx.Op) && name == got.Result.Stat.Name
				require.True(rt, made || tx.carried(name) || same(before[name], n), "%s changed by %T", name, tx.Op)
			}
			for name := range before {
				_, left := after[name]
				require.True(rt, left || tx.carried(name), "%s deleted by %T", name, tx.Op)
			}
			if got.Result.Code != 0 {
				require.Equal(rt, before, after)
			}
		}
	})
}

func sequentialOp(op Op) bool {
	o, ok := op.(*call.Create)
	return ok && o.Sequential
}

func same(a, b Node) bool { return a.Stat == b.Stat && string(a.Contents) == string(b.Contents) }

// byName is the whole tree.
func byName(t *testing.T, tree *Tree) map[cell.Name]Node {
	nodes, more := tree.Below("/ls/local", "", 1<<20)
	require.False(t, more)
	out := map[cell.Name]Node{}
	for _, n := range nodes {
		out[n.Stat.Name] = n
	}
	return out
}

// However a client's calls are sent again, overtaken, and acked, each takes effect at most once,
// in the order of the numbers, and its answer never changes.
func TestC7_ResentCallsTakeEffectOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := born(t, func(b *Birth) { b.Limits.Unacked = 5 })
		s := w.open(1)
		answers, made, acked := map[uint64]call.Result{}, 0, uint64(0)
		for range rapid.IntRange(1, 50).Draw(rt, "sendings") {
			number := rapid.Uint64Range(acked+1, acked+6).Draw(rt, "number")
			before, _ := w.a.Session(s)
			got := w.callAs(s, number, acked, &call.Create{Name: "/ls/local/n-", Sequential: true})
			first, sent := answers[number]
			switch {
			case sent:
				require.True(rt, got.Replayed)
				require.Equal(rt, first, got.Result)
			case number > before.LastCall && got.Result.Code == 0:
				answers[number] = got.Result
				made++
			default:
				require.NotZero(rt, got.Result.Code)
				require.Empty(rt, got.Changes)
			}
			for _, done := answers[acked+1]; done && rapid.Bool().Draw(rt, "ack"); _, done = answers[acked+1] {
				acked++
			}
			if after, _ := w.a.Session(s); rapid.IntRange(0, 9).Draw(rt, "ack all") == 0 {
				acked = after.LastCall
			}
		}
		root, _, _ := w.a.Get("/ls/local")
		require.Equal(rt, made, root.Children)
	})
}
