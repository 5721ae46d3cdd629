package tree

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// count walks the dumb namespace.
func (w twin) count(top cell.Name) (nodes, bytes int64) {
	for n, f := range w {
		if n == top || strings.HasPrefix(string(n), string(top)+"/") {
			nodes, bytes = nodes+1, bytes+int64(len(n)+len(f.contents))
		}
	}
	return nodes, bytes
}

// over reports whether a change from w to next passes a bound that it makes more of.
func (w twin) over(next twin, bounds map[cell.Name]cell.Quota) bool {
	for name, q := range bounds {
		nodes, bytes := w.count(name)
		nextNodes, nextBytes := next.count(name)
		if q.Nodes > 0 && nextNodes > max(q.Nodes, nodes) || q.Bytes > 0 && nextBytes > max(q.Bytes, bytes) {
			return true
		}
	}
	return false
}

// Quotas refuse exactly what a walk through everything would. (After each step the tree is also checked
// by a walk, compared with another replica, and read back from a snapshot.)
func TestB2_QuotasCountWhatIsThere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w, dumb, bounds := born(t, nil), twin{"/ls/local": {"", 1}}, map[cell.Name]cell.Quota{}
		s := w.open(1)
		for range rapid.IntRange(1, 40).Draw(rt, "ops") {
			if rapid.IntRange(0, 4).Draw(rt, "set") == 0 {
				name := drawName(rt)
				q := cell.Quota{Name: name}
				key := rapid.SampledFrom([]string{q.NodesKey(), q.BytesKey()}).Draw(rt, "key")
				value := rapid.Int64Range(0, 60).Draw(rt, "to")
				got := w.call(s, &call.Set{Key: key, Value: value})
				require.Zero(rt, got.Result.Code, got.Result.Message)
				q, err := bounds[name].With(key, value)
				require.NoError(rt, err)
				bounds[name] = q
				continue
			}
			op, next := drawFileOp(rt), maps.Clone(dumb)
			want := cell.CodeOf(next.hit(op))
			if want == 0 && dumb.over(next, bounds) {
				want, next = cell.CodeOf(cell.ErrTooLarge), dumb
			}
			got := w.call(s, op)
			require.Equal(rt, want, got.Result.Code, "%s: %s", op, got.Result.Message)
			dumb = next
		}
		for _, q := range w.a.Quotas() {
			nodes, bytes := dumb.count(q.Name)
			require.Equal(rt, [2]int64{nodes, bytes}, [2]int64{q.UsedNodes, q.UsedBytes}, "%s", q.Name)
		}
	})
}
