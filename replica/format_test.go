package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// upgrade starts a replica with a program that knows the next format.
func (p *played) upgrade() {
	p.cut()
	p.format = cell.Format + 1
	p.start()
	p.rig.pass(5 * lease.Second)
}

func (g *rig) formats(t *testing.T, want uint32) {
	t.Helper()
	for _, p := range g.all {
		if !p.off {
			require.Equal(t, want, p.r.Format(), "replica %d", p.id)
		}
	}
}

// The cell's format rises by a transaction, once every member has said that it knows the next one, and
// not while one is away who might not.
func TestZ16_TheFormatRisesWhenEveryMemberKnowsIt(t *testing.T) {
	g := born(t, 3)
	for _, id := range []int{3, 2} {
		g.at(id).upgrade()
		g.formats(t, cell.Format)
	}
	require.NotEqual(t, g.at(1).id, g.master().id, "the master knows more than one member does")
	g.at(1).cut()
	g.pass(20 * lease.Second)
	g.formats(t, cell.Format)
	g.at(1).format = cell.Format + 1
	g.at(1).start()
	g.pass(5 * lease.Second)
	g.formats(t, cell.Format+1)
	require.NotZero(t, g.master().said("the cell's format is now 2"))
	g.writer(1).writes(3, 10)
	g.same()

	old := g.follower()
	old.cut()
	old.format = cell.Format
	old.start()
	g.pass(5 * lease.Second)
	require.NotZero(t, g.master().said("it knows formats up to 1, and the cell's is 2: start a newer version"))
	require.NotEqual(t, "follower", old.role())
}

// A cell is born with what all its first members know.
func TestZ16_ACellIsBornInTheFormatThatAllKnow(t *testing.T) {
	g := newRig(t, 3)
	g.at(1).format, g.at(3).format = cell.Format+1, cell.Format+1
	g.start()
	g.pass(5 * lease.Second)
	g.formats(t, cell.Format)
	g.at(2).upgrade()
	g.formats(t, cell.Format+1)
}
