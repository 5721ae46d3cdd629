package master

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// clocks is what the readings of clocks may take away from what has passed.
const clocks = lease.Millisecond

func mortal(n string, d lease.Duration) *call.Create {
	return &call.Create{Name: n, Lasting: call.Lasting{TTL: int64(d)}}
}

func (r *rig) has(n cell.Name) bool {
	_, _, ok := r.tree.Get(n)
	return ok
}

// A time-to-live counts from the last change; a node with children, or whose lock is held, waits.
func TestC11_ATimeToLiveCountsFromTheLastChange(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(mortal("/ls/x/t", 5*lease.Second))
	r.pass(4 * lease.Second)
	a.must(put("/ls/x/t", "v2"))
	r.pass(5 * lease.Second) // from the first clock that was read after the change
	require.True(t, r.has("/ls/x/t"))
	r.pass(clocks)
	require.False(t, r.has("/ls/x/t"))

	a.must(mortal("/ls/x/u", lease.Second))
	a.must(create("/ls/x/u/kid"))
	r.pass(3 * lease.Second)
	require.True(t, r.has("/ls/x/u"))
	a.must(&call.Delete{Name: "/ls/x/u/kid"})
	require.False(t, r.has("/ls/x/u"), "its time was over")

	a.must(mortal("/ls/x/v", lease.Second))
	r.pass(lease.Second / 2)
	held := a.must(&call.Acquire{Name: "/ls/x/v", Mode: cell.Exclusive, Delay: -1})
	r.pass(3 * lease.Second)
	require.True(t, r.has("/ls/x/v"))
	a.must(&call.Release{Name: "/ls/x/v", Hold: held.Acquired.Hold})
	r.pass(perishAgain)
	require.False(t, r.has("/ls/x/v"))

	a.must(mortal("/ls/x/w", lease.Second))
	r.pass(lease.Second / 2)
	held = a.must(&call.Acquire{Name: "/ls/x/w", Mode: cell.Exclusive, Delay: -1})
	a.must(&call.Release{Name: "/ls/x/w", Hold: held.Acquired.Hold})
	r.pass(lease.Second/2 + clocks)
	require.False(t, r.has("/ls/x/w"), "to lock it gives it no new time")
}

// A lapse of the lease, and our own lateness, count for nothing (L7).
func TestL7_NoTimeToLiveRunsOutWhileNobodyCouldRenewIt(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(mortal("/ls/x/t", 5*lease.Second))
	r.pass(3 * lease.Second)
	r.noLease = true
	r.pass(20 * lease.Second)
	r.noLease = false
	r.step()
	require.True(t, r.has("/ls/x/t"))
	r.at.Now, r.at.Late = r.at.Now.Add(3*lease.Second), 3*lease.Second
	r.step()
	require.True(t, r.has("/ls/x/t"))
	r.pass(lease.Second - 1) // the lease held for a second of the lapse
	require.True(t, r.has("/ls/x/t"))
	r.pass(clocks)
	require.False(t, r.has("/ls/x/t"))
}

// A Step that rested between its clock and the change counts from a later one: late, never early.
func TestC11_ATimeToLiveCountsFromAClockReadAfterTheChange(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(mortal("/ls/x/t", lease.Second))
	r.at.Now = r.at.Now.Add(300 * lease.Millisecond) // this is how long it rested
	r.step()
	r.pass(lease.Second - 1)
	require.True(t, r.has("/ls/x/t"))
	r.pass(1)
	require.False(t, r.has("/ls/x/t"))
}

// A container goes after its last child, at a fail-over too, and never before it had one.
func TestC11_AContainerGoesAfterItsLastChild(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(&call.Create{Name: "/ls/x/c", Lasting: call.Lasting{Container: true}})
	r.pass(5 * lease.Second)
	require.True(t, r.has("/ls/x/c"))
	a.must(create("/ls/x/c/one"))
	a.must(create("/ls/x/c/two"))
	a.must(&call.Delete{Name: "/ls/x/c/one"})
	r.pass(2 * lease.Second)
	require.True(t, r.has("/ls/x/c"))
	a.must(&call.Delete{Name: "/ls/x/c/two"})
	a.must(create("/ls/x/c/three"))
	r.pass(lingers)
	require.True(t, r.has("/ls/x/c"))
	a.must(&call.Delete{Name: "/ls/x/c/three"})
	r.failOver()
	r.step()
	r.pass(lingers)
	require.False(t, r.has("/ls/x/c"))
}

// The end of a node waits for whoever has it in its cache (C6, C11).
func TestC6_WhatGoesByItselfIsInvalidatedFirst(t *testing.T) {
	r := newRig(t)
	a, c := r.open("a"), r.open("c").cacher()
	a.must(mortal("/ls/x/t", lease.Second))
	require.True(t, c.read("/ls/x/t"))
	r.pass(lease.Second + 1)
	require.True(t, r.has("/ls/x/t"))
	require.Contains(t, c.invalidated().Names, cell.Name("/ls/x/t"))
	c.flush()
	require.False(t, r.has("/ls/x/t"))
}

// Many at once go in bounded transactions, also those that a new master finds (L8).
func TestL8_ManyEndsAreBatched(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	a := r.open("a")
	const many = 3 * perishPiece
	for i := range many {
		a.must(mortal(fmt.Sprintf("/ls/x/t%d", i), 5*lease.Second))
	}
	r.failOver()
	r.step()
	r.keepLog = true
	r.at.Now = r.at.Now.Add(5 * lease.Second)
	r.proposd = nil
	r.once()
	require.Len(t, r.proposd, perishRounds+1, "and the cell's age")
	r.keepLog = false
	r.step()
	nodes, _, _ := r.tree.Counts()
	require.Equal(t, 1, nodes)
	require.NoError(t, r.tree.Check())
}

// A node whose new time is over while an end that was meant for its old one is still on its way goes
// all the same.
func TestC11_ATimeThatEndsBehindAnEarlierEndIsNotForgotten(t *testing.T) {
	r := newRig(t)
	a, c := r.open("a"), r.open("c").cacher()
	a.must(mortal("/ls/x/t", lease.Second))
	a.must(mortal("/ls/x/u", lease.Second))
	require.True(t, c.read("/ls/x/u"))
	r.pass(lease.Second + 1)
	require.NotNil(t, c.invalidated(), "the end of both waits for c")
	a.must(put("/ls/x/t", "v2"))
	r.pass(lease.Second + 1)
	require.True(t, r.has("/ls/x/t"))
	c.flush()
	require.False(t, r.has("/ls/x/u"))
	r.pass(perishAgain + clocks)
	require.False(t, r.has("/ls/x/t"))
}
