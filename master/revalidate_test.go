package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Z14: what a rotten master has filled into a cache agrees in every generation, and not in its checksum:
// it is not confirmed.
func TestZ14_WhatDiffersInItsChecksumIsNotConfirmed(t *testing.T) {
	r := newRig(t)
	c := r.open("c").cacher()
	c.must(create("/ls/x/a"))
	q := c.ask(&call.Read{Name: "/ls/x/a"})
	require.Zero(t, q.Code, q.Message)
	claim := call.Claim{Name: "/ls/x/a", Instance: q.Node.Stat.Instance, Node: true, Zxid: q.Node.Stat.Zxid}
	kept := func(checksum uint64) bool {
		claim.Checksum = checksum
		q := c.ask(&call.Revalidate{Claims: []call.Claim{claim}})
		require.Zero(t, q.Code, q.Message)
		return q.Revalidate.Kept[0]
	}
	require.False(t, kept(cell.Checksum([]byte("v2"))))
	require.True(t, kept(cell.Checksum([]byte("v1"))))
}
