package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// refuse does what the gate does with a transaction of the master's own that it takes for nonsense, and
// gives the lines that say so. Nothing that we make comes to this: it is there for our own mistakes.
func (r *rig) refuse(op tree.Op) []Line {
	var out Out
	r.m.out = &out
	r.m.ownRefused(&write{txn: tree.Txn{Op: op}}, call.Fail(cell.ErrConflict))
	return out.Lines
}

// What the gate refuses of the master's own is taken back, so that it is tried anew, and is said.
func TestB5_WhatTheGateRefusesOfTheMastersOwnIsTakenBackAndSaid(t *testing.T) {
	r := newRig(t)
	id := r.open("a").id
	l, ok := r.m.sessions.Get(id)
	require.True(t, ok)
	ids, name := []cell.SessionID{id}, cell.Name("/ls/x/a")
	hold := tree.HoldKey{Name: name, Hold: 3}
	for _, x := range []struct {
		op     tree.Op
		before func()
		after  func() bool
	}{
		{&tree.MarkCaching{Sessions: ids}, func() { l.Marking = true }, func() bool { return !l.Marking }},
		{&tree.EndSessions{Sessions: ids}, func() { l.Ending = true }, func() bool { return !l.Ending }},
		{&tree.Allow{}, func() { r.m.allowing = lease.Second }, func() bool { return r.m.allowing == 0 }},
		{&tree.BreakOverdue{Holds: []tree.HoldKey{hold}}, func() {}, func() bool {
			at := r.m.overdue.Next()
			return at > r.at.Now && at < r.at.Now.Add(lease.Second*60)
		}},
		{&tree.Reap{Session: id}, func() { r.m.reaps.flying = map[cell.SessionID]bool{id: true} },
			func() bool { return !r.m.reaps.flying[id] }},
		{&tree.Perish{Nodes: []tree.Perished{{Name: name}}},
			func() { r.m.perishing.flying = map[cell.Name]bool{name: true} },
			func() bool { return !r.m.perishing.flying[name] }},
		{&tree.Age{}, func() { r.m.perishing.age.flying = true }, func() bool { return !r.m.perishing.age.flying }},
		{&tree.HeardAgain{Sessions: ids}, func() {}, func() bool { return true }},
	} {
		x.before()
		lines := r.refuse(x.op)
		require.True(t, x.after(), "%T", x.op)
		require.Len(t, lines, 1, "%T", x.op)
		require.Equal(t, Warn, lines[0].Level, "%T", x.op)
		require.Contains(t, lines[0].Fields, Field{"why", call.Fail(cell.ErrConflict).Message})
	}
	require.Empty(t, r.refuse(&tree.OpenSession{KeyHash: [32]byte{1}}), "its client is told")
}
