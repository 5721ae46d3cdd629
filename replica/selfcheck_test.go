package replica

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// written is a cell of n that has some contents and compares digests often.
func written(t *testing.T, n int) *rig {
	g := newRig(t, n)
	g.every = 5
	g.start()
	g.pass(lease.Second)
	g.writer(1).writes(20, 100)
	return g
}

func (p *played) rot(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, p.r.Tree().Rot(tree.RotContents, "/ls/x/w1", 3))
}

func (p *played) role() string { return p.r.Status(p.rig.now).Role }

// until lets time pass until something holds.
func (g *rig) until(d lease.Duration, holds func() bool) {
	g.t.Helper()
	for end := g.now.Add(d); !holds(); g.pass(10 * lease.Millisecond) {
		require.Less(g.t, g.now, end, "it does not come to hold")
	}
}

// A follower whose memory has rotted is found by its report, by every quorum of the others, is taken out
// of everything, answers nobody, and comes back by a snapshot of one that agreed.
func TestZ14_AFlippedBitInAFollower(t *testing.T) {
	g := written(t, 5)
	f := g.follower()
	f.say(50, hello(), here(1, 0, "/ls/x/w1"))
	require.Zero(t, answer(t, f, 50).Code)
	f.rot(t)
	m := g.master()
	g.hold()
	g.until(3*markerWithin, func() bool { return f.role() == "quarantined" })
	require.Equal(t, m.id, g.master().id, "the others go on")
	require.Equal(t, 1, m.said("it is not counted until it is rebuilt"))
	require.Equal(t, 1, f.said("quarantined: "))
	require.True(t, f.hard.Quarantined, "it knows it for good")
	f.say(50, here(2, 0, "/ls/x/w1"))
	require.Contains(t, answer(t, f, 50).Message, "quarantined")
	require.Contains(t, f.r.Status(g.now).Why, "quarantined")
	g.writer(2).writes(3, 10)

	f.cut()
	f.start() // a start does not end it
	require.Equal(t, "quarantined", f.role())
	f.say(50, hello(), here(3, 0, "/ls/x/w1"))
	require.Contains(t, answer(t, f, 50).Message, "quarantined")

	g.release()
	g.until(5*lease.Second, func() bool { return f.role() == "follower" })
	require.Equal(t, 1, f.said("restored from a snapshot"))
	require.False(t, f.hard.Quarantined)
	g.writer(3).writes(3, 10)
	g.same()
	f.say(50, here(4, 0, "/ls/x/w1"))
	require.Zero(t, answer(t, f, 50).Code)
}

// A read that waits for the very transaction by which this replica is found to differ is not answered from
// what it has.
func TestZ14_AReadThatWaitedIsNotAnsweredByWhoIsFoundToDiffer(t *testing.T) {
	found := func(ask func(f *played)) cell.Zxid {
		g := written(t, 5)
		f := g.follower()
		f.say(50, hello())
		f.rot(t)
		g.hold()
		g.until(3*markerWithin, func() bool {
			if f.role() != "quarantined" {
				ask(f)
			}
			return f.role() == "quarantined"
		})
		return f.r.Tree().Mark().Zxid
	}
	asked := 0
	var last *played
	at := found(func(*played) {})
	again := found(func(f *played) {
		asked++
		last = f
		f.say(50, here(uint64(asked), at, "/ls/x/w1"))
	})
	require.Equal(t, at, again, "both went the same way")
	refused := 0
	for _, m := range last.told(50) {
		if r, ok := m.(*call.QueryReply); ok {
			require.NotZero(t, r.Code)
			if strings.Contains(r.Message, "quarantined") {
				refused++
			}
		}
	}
	require.NotZero(t, refused, "some waited when it was found")
}

// hold keeps snapshots from being written, release lets them.
func (g *rig) hold() {
	for _, p := range g.all {
		p.hold = true
	}
}

func (g *rig) release() {
	for _, p := range g.all {
		p.hold = false
		p.in = append(p.in, WantSnapshot{})
	}
	g.settle()
}

// A master is trusted no more than anybody: what a quorum reports alike is right, and it gives the
// mastership up before anything else.
func TestZ14_AFlippedBitInTheMaster(t *testing.T) {
	g := written(t, 5)
	m := g.master()
	m.rot(t)
	m.say(60, hello())
	g.hold()
	g.until(3*markerWithin, func() bool { return m.role() == "quarantined" })
	require.False(t, m.r.Holds(g.now), "the mastership is over")
	require.Equal(t, 1, m.said("mastership of epoch"), "its clients were told")
	require.Zero(t, m.counts.Quarantines-1)
	g.until(10*lease.Second, func() bool { return g.master() != nil && g.master() != m })
	require.Equal(t, "quarantined", m.role())
	g.release()
	g.until(20*lease.Second, func() bool { return m.role() == "follower" })
	g.writer(2).writes(3, 10)
	g.same()
}

// Who differs counts in no quorum: a master keeps no lease by its promise, and commits nothing by its
// acks.
func TestZ14_WhoDiffersCountsInNothing(t *testing.T) {
	g := written(t, 3)
	f, m := g.follower(), g.master()
	f.rot(t)
	g.hold()
	g.until(3*markerWithin, func() bool { return f.role() == "quarantined" })
	for _, p := range g.all {
		if p != f && p != m {
			p.cut()
		}
	}
	g.pass(5 * lease.Second)
	require.Nil(t, g.master(), "one of three is no quorum, whatever the quarantined one says")
	require.Equal(t, "quarantined", f.role(), "and it leads nobody")
}

// Without a quorum that reports alike nobody is taken for wrong: the alarm is raised at all replicas,
// and nothing is compacted.
func TestZ14_WithoutAgreementNothingIsCompacted(t *testing.T) {
	g := written(t, 3)
	g.pass(2 * markerWithin)
	for i, p := range g.all[:2] {
		require.NotEmpty(t, p.r.Tree().Rot(tree.RotStat, "/ls/x/w1", uint64(i)))
	}
	g.until(4*markerWithin, func() bool { return g.master().r.check.disputed })
	before := map[cell.ReplicaID]uint64{}
	for _, p := range g.all {
		require.Contains(t, p.r.Status(g.now).Why, "nothing is compacted")
		require.Equal(t, 1, p.said("nothing is compacted until"), "said once")
		require.NotEqual(t, "quarantined", p.role())
		before[p.id] = p.compact
	}
	sound := g.at(3)
	sound.step(WantSnapshot{})
	require.True(t, sound.eff.KeepOld, "no older snapshot may go either")
	g.writer(2).writes(20, 10)
	g.pass(3 * markerWithin)
	for _, p := range g.all {
		require.Equal(t, before[p.id], p.compact, "replica %d compacts", p.id)
	}
	for i, p := range g.all[:2] { // the bits flip back
		p.r.Tree().Rot(tree.RotStat, "/ls/x/w1", uint64(i))
	}
	g.pass(3 * markerWithin)
	for _, p := range g.all {
		require.Empty(t, p.r.Status(g.now).Why)
		require.Equal(t, 1, p.said("agrees on its tree again"))
	}
}

// A marker goes through the log first in each mastership, after so many transactions, and in an idle
// cell after so much time.
func TestZ14_MarkersGoThroughTheLog(t *testing.T) {
	g := newRig(t, 3)
	g.start()
	m := g.master()
	m.step(Stop{})
	g.until(5*lease.Second, func() bool { return g.master() != nil && g.master() != m })
	m = g.master()
	first := func() record.Record {
		for _, x := range m.log {
			if x.Zxid == cell.MakeZxid(m.r.began, 1) {
				return x
			}
		}
		return record.Record{}
	}
	tx, err := tree.Decode(first().Payload)
	require.NoError(t, err)
	require.IsType(t, &tree.Marker{}, tx.Op)
	markers := m.counts.Markers
	w := g.writer(1)
	w.writes(markerEvery-10, 1)
	require.InDelta(t, markers, m.counts.Markers, 2)
	markers = m.counts.Markers
	w.writes(2*markerEvery, 1)
	require.InDelta(t, markers+2, m.counts.Markers, 1)
	markers = m.counts.Markers
	g.pass(6 * markerWithin)
	require.InDelta(t, markers+6, m.counts.Markers, 1)
	require.Equal(t, m.counts.Markers > 8, true)
	require.NotZero(t, m.r.check.agreed)
}
