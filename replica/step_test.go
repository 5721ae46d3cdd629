package replica

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// same demands that all running replicas have applied the same.
func (g *rig) same() {
	g.t.Helper()
	g.pass(lease.Second)
	want := g.master().r.Tree()
	require.Empty(g.t, want.Check())
	for _, p := range g.all {
		if !p.off {
			require.Equal(g.t, want.Mark(), p.r.Tree().Mark(), "replica %d", p.id)
			require.Equal(g.t, want.Digest(), p.r.Tree().Digest(), "replica %d", p.id)
		}
	}
}

// The first transaction of a new cell binds every directory that was heard, and carries the
// lengths of the master's own file.
func TestZ11_TheBirthBindsWhoWasHeard(t *testing.T) {
	g := born(t, 3)
	for _, p := range g.all {
		require.True(t, p.r.Tree().Born())
		require.Equal(t, cell.DefaultLengths(), p.r.Tree().Lengths())
		for i, m := range p.r.Tree().Members() {
			require.Equal(t, cell.Incarnation(101+i), m.Incarnation)
		}
	}
	g.same()
}

// A write is answered only when it is durable and applied: while the one disk is stuck nothing
// is answered, and nothing is applied.
func TestZ1_AWriteIsAnsweredWhenItIsDurableAndApplied(t *testing.T) {
	g := born(t, 1)
	w := g.writer(1)
	m := g.master()
	before := m.r.Tree().Mark()
	m.stuck = true
	m.say(1, w.ask(10))
	require.Empty(t, m.told(1))
	require.Equal(t, before, m.r.Tree().Mark())
	m.stuck = false
	m.work()
	g.settle()
	reply := m.told(1)[0].(*call.CallReply)
	require.Zero(t, reply.Result.Code)
	require.Equal(t, m.r.Tree().Mark().Zxid, reply.Result.Zxid)
	w.writes(3, 10)
	require.Empty(t, m.r.Tree().Check())
}

// A master that hands over answers first what it has proposed, though it is lost in the Step in which that is
// committed here; then the client hears of the loss, and where the heir is.
func TestC5_WhatIsProposedIsAnsweredBeforeAHandOver(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	m := g.master()
	before := len(m.told(1))
	m.stuck = true
	m.say(1, w.ask(10))
	m.step(Stop{})
	require.NotNil(t, m.r.master, "a quorum has it, and here it is not durable")
	require.Len(t, m.told(1), before)
	m.say(2, hello(), &call.CreateSession{Key: cell.SessionKey{2}, Epoch: m.r.began})
	m.stuck = false
	m.work()
	m.step()
	require.Nil(t, m.r.master)
	told := m.told(1)[before:]
	require.Len(t, told, 2)
	require.Zero(t, told[0].(*call.CallReply).Result.Code)
	last := told[1].(*call.Located)
	require.Zero(t, last.Master)
	require.Contains(t, last.Why, "stopping")
	require.IsType(t, &call.Located{}, m.told(2)[1], "nothing new is begun")
	for g.master() == nil {
		g.pass(lease.Millisecond)
	}
	require.Equal(t, fmt.Sprintf("client:%d", g.master().id), last.Client)
	require.Equal(t, 1, g.count(), "sessions")
	g.same()
}

// A restart finds all of it again, from the log alone and from a snapshot with a log behind it.
func TestZ12_ARestartFindsEverythingAgain(t *testing.T) {
	g := newRig(t, 1)
	g.policy.LogCount = 20
	g.start()
	g.pass(lease.Second)
	w := g.writer(1)
	m := g.master()
	for _, writes := range []int{5, 30} {
		w.writes(writes, 10)
		m.cut()
		m.start()
		for g.master() == nil {
			g.pass(100 * lease.Millisecond)
		}
		w.epoch = m.r.began
		m.say(w.stream, hello(), &call.Attach{Session: sessionOf(m), Key: cell.SessionKey{1}, Epoch: w.epoch,
			Stream: uint64(writes)})
		told := m.told(w.stream)
		require.IsType(t, &call.Attached{}, told[len(told)-1])
	}
	require.NotZero(t, m.base.Index)
	w.writes(1, 10)
	require.Empty(t, m.r.Tree().Check())
}

func sessionOf(p *played) cell.SessionID { return p.r.Tree().Sessions()[0] }

// A replica whose log was cut off behind it comes back by snapshot: the new tree first, then
// what is committed in it; its tree is equal afterwards.
func TestZ7_ASnapshotReplacesTheTreeBeforeTheCommitsBehindIt(t *testing.T) {
	g := newRig(t, 3)
	g.policy.LogCount, g.every = 10, 5
	g.start()
	g.pass(lease.Second)
	w := g.writer(1)
	away := g.follower()
	away.cut()
	w.writes(60, 100)
	require.Greater(t, g.master().compact, away.log[len(away.log)-1].Index, "the log it needs is gone")
	away.start()
	g.pass(5 * lease.Second)
	require.Equal(t, "follower", away.r.Status(g.now).Role)
	require.Equal(t, 1, away.said("restored from a snapshot"))
	require.Less(t, away.counts.Applied, 60, "what the snapshot holds was not applied again")
	w.writes(5, 100)
	g.same()
}

// A record that Apply cannot take ends the replica for good, with a line that names it; whatever
// comes afterwards changes nothing.
func TestZ9_AReplicaThatEndedStaysEnded(t *testing.T) {
	g := born(t, 1)
	m := g.master()
	m.step(zab.Propose{Kind: record.Normal, Payload: []byte{0xff, 0xff, 0xff}})
	g.settle()
	require.NotEmpty(t, m.eff.Fatal)
	require.Equal(t, 1, m.said("this replica ends: "))
	mark := m.r.Tree().Mark()
	applied := m.counts.Applied
	for _, in := range []Input{FromClient{Stream: 1, Msg: hello()}, Stop{}, WantSnapshot{}, zab.Free{Bytes: 1}} {
		m.eff.Reset()
		m.r.Step(Moment{Now: g.now}, []Input{in}, &m.eff)
		require.NotEmpty(t, m.eff.Fatal)
		require.Empty(t, m.eff.Clients)
		require.Empty(t, m.eff.Core.Disk)
		require.Nil(t, m.eff.Freeze)
		require.Equal(t, lease.Never, m.eff.WakeAt)
	}
	require.Equal(t, mark, m.r.Tree().Mark())
	require.Equal(t, applied, m.counts.Applied)
	require.Equal(t, m.eff.Fatal, m.r.Status(g.now).Why)
}

// A snapshot that cannot be written ends the replica; one of a history that is no more does not.
func TestZ9_ASnapshotThatCannotBeWritten(t *testing.T) {
	g := born(t, 1)
	m := g.master()
	m.hold = true
	m.say(1, hello())
	m.step(WantSnapshot{})
	require.Len(t, m.frozen, 1)
	m.step(SnapshotFailed{Why: "gone", Superseded: true})
	require.Empty(t, m.eff.Fatal)
	m.step(WantSnapshot{})
	require.Len(t, m.frozen, 2)
	m.step(SnapshotFailed{Why: "no space"})
	require.Contains(t, m.eff.Fatal, "no space")
}

// The tree's lengths are obeyed, whatever this replica's file says: after a restart with a file
// that names ten seconds the mastership lease is still what it was at birth.
func TestZ17_TheTreeOutranksTheFile(t *testing.T) {
	g := born(t, 3)
	g.lengths.MasterLease = 10 * time.Second
	for _, p := range g.all {
		p.cut()
	}
	for _, p := range g.all {
		p.start()
	}
	g.pass(30 * lease.Second)
	m := g.master()
	require.NotNil(t, m)
	require.Equal(t, cell.DefaultLengths(), m.r.Tree().Lengths())
	for _, p := range g.all {
		if p != m {
			p.cut()
		}
	}
	g.pass(2 * lease.Second)
	require.False(t, m.r.Holds(g.now))
	require.Nil(t, g.master())
}

// What grows the tree is refused as long as no quorum has room on its disks; the master's own room is one of
// five. With a quorum that has some it is taken again, and so is it while nobody knows.
func TestB3_AQuorumWithoutRoomTakesNothingThatGrows(t *testing.T) {
	g := born(t, 5)
	w := g.writer(1)
	write := func() cell.Code {
		m := g.master()
		m.say(1, w.ask(10*int(w.next+1)))
		told := m.told(1)
		return told[len(told)-1].(*call.CallReply).Result.Code
	}
	room := func(bytes uint64, of ...*played) {
		for _, p := range of {
			p.step(zab.Free{Bytes: bytes})
		}
		g.pass(lease.Second)
	}
	require.Zero(t, write())
	m := g.master()
	others := slices.DeleteFunc(slices.Clone(g.all), func(p *played) bool { return p == m })
	room(1<<30-1, m, others[0])
	require.Zero(t, write(), "three have room, as far as is known")
	room(1<<30-1, others[1])
	require.Equal(t, cell.CodeOf(cell.ErrNoSpace), write())
	room(1<<30, m)
	require.Zero(t, write())
	g.same()
}
