package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// A lasting trouble is one line when it begins, one a minute while it lasts, one when it ends;
// it says who is there, who is not, and why.
func TestTroubleIsToldWhenItBeginsOnceAMinuteAndWhenItEnds(t *testing.T) {
	g := born(t, 3)
	p := g.at(1)
	p.step(Away{ID: 2, Why: "refused"})
	g.at(2).cut()
	g.at(3).cut()
	g.pass(10 * lease.Second)
	const line = "no quorum: have 1; away: 2 refused, 3 not connected"
	require.Equal(t, 1, p.said(line))
	p.step(Away{ID: 3, Why: "timeout"})
	g.pass(3 * 60 * lease.Second)
	require.Equal(t, 3, p.said("no quorum: have 1; away: 2 refused, 3 timeout"))
	require.Equal(t, 4, p.said("no quorum: have"))
	require.Equal(t, "no quorum: have 1; away: 2 refused, 3 timeout", p.r.Status(g.now).Why)

	require.Zero(t, p.said("served again"))
	g.at(2).start()
	g.pass(10 * lease.Second)
	require.Equal(t, 1, p.said("served again"))
	require.Equal(t, 4, p.said("no quorum: have"))
	require.Empty(t, p.r.Status(g.now).Why)
}

// What passes sooner than it is told is no trouble.
func TestTroubleThatPassesIsNotTold(t *testing.T) {
	g := born(t, 3)
	before := map[cell.ReplicaID]int{}
	for _, p := range g.all {
		before[p.id] = len(p.lines)
	}
	old := g.master()
	old.step(Stop{})
	g.pass(2 * lease.Second)
	require.NotNil(t, g.master())
	for _, p := range g.all {
		for _, l := range p.lines[before[p.id]:] {
			require.NotContains(t, l.Text, "no quorum")
			require.NotContains(t, l.Text, "served again")
		}
	}
}

// A cell that waits for its birth says for whom: all must have been started once.
func TestZ11_ACellThatIsNotBornSaysForWhomItWaits(t *testing.T) {
	g := newRig(t, 3)
	g.at(3).off = true
	g.at(1).start()
	g.at(2).start()
	g.at(1).step(Away{ID: 3, Why: "refused"})
	g.pass(2 * lease.Second)
	require.Equal(t, 1, g.at(1).said("waiting for the birth of the cell, for which every replica is started once: "+
		"have 1, 2; away: 3 refused"))
	g.at(1).say(1, hello(), &call.Locate{})
	where := g.at(1).told(1)[1].(*call.Located)
	require.Zero(t, where.Master)
	require.Contains(t, where.Why, "away: 3 refused")
	g.at(3).start()
	g.pass(5 * lease.Second)
	require.NotNil(t, g.master())
	g.same()
}
