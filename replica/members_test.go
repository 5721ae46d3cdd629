package replica

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// newcomer is a member with addresses of its own.
func newcomer(id int) cell.Member {
	at := func(port int) string { return fmt.Sprintf("host%d:%d", id, port) }
	return cell.Member{ID: cell.ReplicaID(id), Client: at(7401), Peer: at(7411), HTTP: at(7421)}
}

// join adds a machine with an empty directory that was adopted, whose file names the others too.
func (g *rig) join(id int) *played {
	p := g.prepare(id)
	g.enter(p)
	return p
}

func (g *rig) prepare(id int) *played {
	p := &played{rig: g, id: cell.ReplicaID(id), snaps: map[record.Mark][]byte{},
		hard: record.HardState{Incarnation: cell.Incarnation(100 + id), Standing: record.Learner}}
	for len(g.all) < id-1 { // ids of nobody
		g.all = append(g.all, &played{rig: g, id: cell.ReplicaID(len(g.all) + 1), off: true})
	}
	g.all = append(g.all, p)
	return p
}

func (g *rig) enter(p *played) {
	own := g.members
	g.members = g.members.With(newcomer(int(p.id)))
	p.start()
	g.members = own
}

// replace asks the master once; the answer, or the code of its refusal.
func (g *rig) replace(old int, with cell.Member) (*call.ReplaceReply, cell.Code, string) {
	g.t.Helper()
	m := g.master()
	require.NotNil(g.t, m)
	const stream = 77
	if !m.r.streams.welcome[stream] {
		m.say(stream, hello())
	}
	m.told(stream)
	m.say(stream, &call.Query{Number: 1, Ask: &call.Replace{Old: cell.ReplicaID(old), New: with}})
	all := m.told(stream)
	require.NotEmpty(g.t, all)
	r := all[0].(*call.QueryReply)
	return r.Replaced, r.Code, r.Message
}

// pursue asks until it is done.
func (g *rig) pursue(old int, with cell.Member) {
	g.t.Helper()
	why := ""
	for range 40 {
		if g.master() != nil {
			r, _, refused := g.replace(old, with)
			if r != nil && r.Done {
				return
			}
			if why = refused; r != nil {
				why = r.Why
			}
		}
		g.pass(500 * lease.Millisecond)
	}
	require.Fail(g.t, "not replaced: "+why)
}

func TestZ15_ADeadReplicaIsReplacedInOneStep(t *testing.T) {
	g := born(t, 5)
	w := g.writer(1)
	w.writes(5, 10)
	dead := g.follower()
	dead.cut()
	six := newcomer(6)
	r, code, _ := g.replace(int(dead.id), six)
	require.Zero(t, code)
	require.Equal(t, &call.ReplaceReply{Why: "replica 6 is not connected"}, r)
	_, linked := g.master().wanted.Find(6)
	require.True(t, linked, "the host is told to look for it")
	p := g.join(6)
	g.pursue(int(dead.id), six)
	g.pass(2 * lease.Second)
	require.Equal(t, "follower", p.r.Status(g.now).Role)
	list := g.master().r.Tree().Members()
	require.Len(t, list, 5)
	m, ok := list.Find(6)
	require.True(t, ok)
	require.Equal(t, cell.Incarnation(106), m.Incarnation)
	_, ok = list.Find(dead.id)
	require.False(t, ok)
	require.Equal(t, 1, g.master().said("the configuration file names other replicas than the cell"))
	g.same()

	// Two of the new list may go, the newcomer votes.
	gone := 0
	for _, q := range g.all {
		if q.r != nil && !q.off && q != p && q != g.master() && gone < 2 {
			q.cut()
			gone++
		}
	}
	w = g.writer(2)
	w.writes(3, 10)
}

// The one that was replaced while it was away comes back: it is told, ends, and does not start again.
func TestZ15_WhoWasRemovedIsToldSoAndStopsAsking(t *testing.T) {
	g := born(t, 3)
	old := g.follower()
	old.cut()
	g.join(4)
	g.pursue(int(old.id), newcomer(4))
	g.pass(2 * lease.Second)
	old.start()
	g.pass(5 * lease.Second)
	require.Contains(t, old.r.ended, "was removed from the cell")
	require.True(t, old.hard.Removed)
	old.off = true
	old.start()
	require.Contains(t, old.r.ended, "was removed from the cell")
	old.off = true
	g.pass(lease.Second)
	require.NotNil(t, g.master())
}

func TestZ15_TheMasterHandsOverBeforeItIsReplaced(t *testing.T) {
	g := born(t, 3)
	m := g.master()
	g.join(4)
	g.pursue(int(m.id), newcomer(4))
	require.NotEqual(t, m, g.master())
	require.Equal(t, 1, m.said("mastership of epoch 1 lost: replica 4 takes its place"))
	g.pass(5 * lease.Second)
	require.Contains(t, m.r.ended, "was removed from the cell")
}

func TestZ15_WhatWouldEndangerTheQuorumIsRefused(t *testing.T) {
	g := born(t, 3)
	m := g.master()
	var others []*played
	for _, p := range g.all {
		if p != m {
			others = append(others, p)
		}
	}
	a, b := others[0], others[1]
	a.cut()
	// b serves and a does not: in b's place the newcomer would be needed from its first moment on.
	_, code, why := g.replace(int(b.id), newcomer(4))
	require.Equal(t, cell.CodeOf(cell.ErrConflict), code)
	require.Contains(t, why, "only 1 serve")
	_, code, _ = g.replace(int(a.id), newcomer(4))
	require.Zero(t, code)
	_, code, why = g.replace(int(a.id), newcomer(5))
	require.Equal(t, cell.CodeOf(cell.ErrConflict), code)
	require.Contains(t, why, "one change at a time")
	g.pass(wishFor + lease.Second)
	_, code, why = g.replace(9, newcomer(4))
	require.Equal(t, cell.CodeOf(cell.ErrNotFound), code)
	require.Contains(t, why, "those are 1, 2, 3")
	taken := newcomer(int(m.id))
	_, code, _ = g.replace(int(a.id), taken)
	require.Equal(t, cell.CodeOf(cell.ErrExists), code)
	same := newcomer(4)
	same.Peer = g.members[m.id-1].Client
	_, code, _ = g.replace(int(a.id), same)
	require.Equal(t, cell.CodeOf(cell.ErrExists), code)
}

// Five members, three of them out of reach, which the master has not noticed yet.
func TestZ15_NotEnoughAliveIsSaidBeforeAnythingIsLogged(t *testing.T) {
	g := born(t, 5)
	m := g.master()
	list := m.r.Tree().Members()
	m.r.core.Step(g.now, nil, &m.eff.Core)
	ask := &call.Replace{Old: m.id%5 + 1, New: newcomer(6)}
	require.NoError(t, m.r.endangers(list, ask))
	for _, p := range g.all {
		if p != m && p.id != ask.Old {
			p.off = true
			m.in = append(m.in, zab.LinkDown{Peer: p.id, Link: m.links[p.id]})
		}
	}
	m.step()
	err := m.r.endangers(list, ask)
	require.ErrorIs(t, err, cell.ErrConflict)
	require.ErrorContains(t, err, "a quorum is 3")
}

// A replica that lost its disk follows without a vote as long as its old directory may answer.
func TestZ11_AnEmptiedReplicaIsALearnerAndGetsItsVoteByATransaction(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(5, 10)
	empty := g.follower()
	var other *played
	for _, p := range g.all {
		if p != empty && p != g.master() {
			other = p
		}
	}
	empty.cut()
	empty.log, empty.hard = nil, record.HardState{Incarnation: 999}
	empty.start()
	g.pass(lease.Second)
	require.Contains(t, empty.r.Status(g.now).Why, "bound to another directory, which answers")
	other.cut() // the master and a learner are no quorum of three
	g.pass(10 * lease.Second)
	require.Nil(t, g.master())
	require.Contains(t, empty.r.Status(g.now).Why, "a learner without a vote waits for a quorum")
	other.start()
	g.pass(10 * lease.Second)
	require.NotNil(t, g.master())
	require.Equal(t, "follower", empty.r.Status(g.now).Role)
	m, _ := g.master().r.Tree().Members().Find(empty.id)
	require.Equal(t, cell.Incarnation(999), m.Incarnation)
	g.same()
}

// The old machine comes back after its id was bound to the new directory: it is refused by its
// incarnation, for good, and the new one goes on.
func TestZ11_TheOldDirectoryIsRefusedByItsIncarnation(t *testing.T) {
	g := born(t, 3)
	p := g.follower()
	p.cut()
	old := *p
	p.log, p.hard, p.r = nil, record.HardState{Incarnation: 999}, nil
	p.start()
	g.pass(10 * lease.Second)
	require.Equal(t, "follower", p.r.Status(g.now).Role)
	p.cut()
	back, kept := g.all[p.id-1], *p
	*back = old
	back.start()
	g.pass(3 * lease.Second)
	require.Contains(t, back.r.ended, "was removed from the cell")
	*back = kept
	back.start()
	g.pass(3 * lease.Second)
	require.Equal(t, "follower", back.r.Status(g.now).Role)
	g.same()
}

// A newcomer whose disk stands still has not got everything: it is waited for, and the list stays as
// it is.
func TestZ15_ANewcomerCountsInNoQuorumBeforeItHasCaughtUp(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(5, 10)
	dead := g.follower()
	dead.cut()
	p := g.join(4)
	p.cut()
	w.writes(5, 10)
	p.lame = true // it knows everybody, and cannot log what it missed
	g.enter(p)
	before := g.master().r.Tree().Members()
	for range 10 {
		r, code, _ := g.replace(int(dead.id), newcomer(4))
		require.Zero(t, code)
		require.False(t, r.Done)
		g.pass(200 * lease.Millisecond)
	}
	require.Equal(t, before, g.master().r.Tree().Members())
	require.False(t, g.master().r.core.Changing())
	p.stuck = false
	p.work()
	g.settle()
	g.pursue(int(dead.id), newcomer(4))
}

// Nobody asks any more: the change is given up, and the next may begin.
func TestZ15_AChangeThatNobodyAsksForIsGivenUp(t *testing.T) {
	g := born(t, 3)
	dead := g.follower()
	dead.cut()
	_, code, _ := g.replace(int(dead.id), newcomer(4))
	require.Zero(t, code)
	g.pass(wishFor + lease.Second)
	g.join(4)
	g.pass(5 * lease.Second)
	_, ok := g.master().r.Tree().Members().Find(4)
	require.False(t, ok)
}

// The list is durable at the replica that leaves and at the newcomer, and committed nowhere; the master is
// gone. Who leaves is needed for the old quorum: it votes until the change is known to be committed.
func TestZ15_WhoLeavesVotesUntilTheChangeIsCommitted(t *testing.T) {
	g := born(t, 3)
	m := g.master()
	old := g.follower()
	var third *played
	for _, p := range g.all {
		if p != m && p != old {
			third = p
		}
	}
	p := g.join(4)
	g.pass(3 * lease.Second)
	m.stuck, third.stuck = true, true
	_, code, _ := g.replace(int(old.id), newcomer(4))
	require.Zero(t, code)
	g.settle()
	for _, q := range []*played{old, p} {
		require.True(t, q.r.core.Changing())
		_, named := q.r.core.Members().Find(4)
		require.True(t, named)
	}
	m.cut()
	third.cut()
	third.start()
	g.pass(10 * lease.Second)
	require.NotNil(t, g.master(), "the old two and the new two are there")
	require.NotEqual(t, m, g.master())
	_, there := g.master().r.Tree().Members().Find(4)
	require.True(t, there)
	g.pass(5 * lease.Second)
	require.Contains(t, old.r.ended, "was removed from the cell")
}
