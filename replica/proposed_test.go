package replica

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/tree"
)

// What the gate decoded is given for the very bytes that it read, in order, and for no others.
func TestB5_WhatTheGateDecodedBelongsToItsBytes(t *testing.T) {
	var p proposed
	p.add([]byte("a"), tree.Txn{Call: 1})
	p.add([]byte("b"), tree.Txn{Call: 2})
	for _, other := range []string{"b", "c", ""} {
		_, ok := p.take([]byte(other))
		require.False(t, ok, other)
	}
	for i, own := range [][]byte{p[0].payload, bytes.Clone(p[1].payload)} {
		got, ok := p.take(own)
		require.True(t, ok)
		require.EqualValues(t, i+1, got.Call)
	}
	_, ok := p.take([]byte("b"))
	require.False(t, ok)
	require.Empty(t, p)
}
