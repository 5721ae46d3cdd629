package tree

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell/wire"
)

func nodeElement(t testing.TB, n *wire.SnapNode) []byte {
	b, err := proto.Marshal(&wire.SnapElement{Element: &wire.SnapElement_Node{Node: n}})
	require.NoError(t, err)
	return b
}

// nodes are what snapshots have, and one with every field.
func nodes() []*wire.SnapNode {
	return []*wire.SnapNode{
		{Name: "/ls/local/a", Contents: []byte("contents"), Instance: 1 << 40, ContentGeneration: 300, AclGeneration: 1,
			ChildrenGeneration: 2, Checksum: 1 << 63, Children: 2, Created: -1, Modified: 1 << 60, Zxid: 1<<40 | 7},
		{Name: "/ls/local/a/b"},
		{Name: "/ls/local/a/c", Owner: 5, Sequence: 6, LockGeneration: 7, History: []*wire.Past{{}}, Container: true, Ttl: 8,
			Aged: 9, Acl: &wire.ACL{Read: "x", Write: "y", Change: "z"}},
		{},
	}
}

func TestZ12_PlainNodesAreReadWithoutTheRuntime(t *testing.T) {
	for i, n := range nodes()[:2] {
		var w wire.SnapNode
		require.True(t, plainNode(nodeElement(t, n), &w), "node %d", i)
		require.True(t, proto.Equal(n, &w), "node %d: %v", i, &w)
	}
	in, plain, others := bufio.NewReader(bytes.NewReader(encode(t, full(t).a.Freeze()))), 0, 0
	_, err := in.ReadByte()
	require.NoError(t, err)
	for buf, err := nextElement(in, nil); err == nil; buf, err = nextElement(in, buf) {
		var n wire.SnapNode
		if plainNode(buf, &n) {
			plain++
		} else {
			others++
		}
	}
	require.Positive(t, plain)
	require.Positive(t, others)
}

// Whoever reads the same bytes must come to the same node, whichever way it goes.
func FuzzZ12_BothWaysReadTheSameNode(f *testing.F) {
	for _, n := range nodes() {
		if b, err := proto.Marshal(&wire.SnapElement{Element: &wire.SnapElement_Node{Node: n}}); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte{2<<3 | 2, 2, 2<<3 | 2, 0})       // contents, and none
	f.Add([]byte{2<<3 | 2, 0, 2<<3 | 2, 0})       // two nodes
	f.Add([]byte{2<<3 | 2, 3, 1<<3 | 2, 1, 0xff}) // no UTF-8
	f.Fuzz(func(t *testing.T, element []byte) {
		var fast wire.SnapNode
		if !plainNode(element, &fast) {
			return
		}
		var slow wire.SnapElement
		require.NoError(t, wire.Unmarshal(element, &slow))
		require.True(t, proto.Equal(slow.GetNode(), &fast))
	})
}
