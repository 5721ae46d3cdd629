package tree

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// recount changes what a node says of its children; its hash fits.
func recount(name cell.Name, by int) func(*Tree) {
	return func(t *Tree) {
		n := t.ownNode(name)
		n.edit().children += by
		n.edit().childrenGeneration += 9
		t.keepNode(n)
	}
}

// What a snapshot says of parents and children is counted anew, whatever sums it has.
func TestZ12_ASnapshotWithAWrongParentIsRefused(t *testing.T) {
	for name, damage := range map[string]func(*Tree){
		"a child that is not there":     recount("/ls/local/x", 1),
		"a child too many":              recount("/ls/local/y", -1),
		"children, and none":            recount("/ls/local/x", -1),
		"none, and a child":             recount("/ls/local/x/a!b", 1),
		"two that make up for another":  func(t *Tree) { recount("/ls/local/x", 1)(t); recount("/ls/local/y", -1)(t) },
		"none here, and too many there": func(t *Tree) { recount("/ls/local/x", -1)(t); recount("/ls/local/y", 1)(t) },
		"no parent": func(t *Tree) {
			n := t.newNode("/ls/local/none/child", 1)
			n.checksum = cell.Checksum(nil)
			t.addNode(n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := born(t, nil)
			a := w.open(1)
			for _, made := range []string{"x", "x/a!b", "y", "y/a", "y!", "y/b"} { // y! stands between y and y/a
				w.call(a, &call.Create{Name: "/ls/local/" + made})
			}
			require.NoError(t, w.a.Check())
			damage(w.a)
			require.Error(t, w.a.Check())
			_, err := DecodeTree(bytes.NewReader(encode(t, w.a.Freeze())), Options{})
			require.ErrorContains(t, err, "bad snapshot")
		})
	}
}
