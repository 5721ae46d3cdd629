package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// A disk that is lost after an epoch was accepted and before the first list is committed: nobody can
// go back to the beginning, and not everybody may have heard that it is over. The cell is born all
// the same, and whose disk was lost gets its vote later.
func TestZ11_ADiskLostDuringTheBirthCostsNoMoreThanItsVote(t *testing.T) {
	hit, sealed := 0, 0
	for seed := int64(1); seed <= 300; seed++ {
		w := newWorld(t, seed, []int{3, 5}[seed%2], 0)
		w.calm = true
		w.start()
		accepted := func() bool {
			for _, n := range w.nodes {
				if n.disk.hard.AcceptedEpoch > 0 {
					return true
				}
			}
			return false
		}
		for !accepted() {
			w.run(100 * lease.Microsecond)
		}
		w.run(w.between(0, lease.Millisecond))
		if len(w.check.history) > 0 {
			continue
		}
		hit++
		n := w.nodes[w.rng.Intn(len(w.nodes))]
		w.tracef("r%d loses its disk", n.id)
		for _, x := range w.nodes {
			if x == n || w.rng.Intn(2) == 0 { // some forget what they had heard
				x.crash()
				w.after(w.between(0, 100*lease.Millisecond), x.start)
			}
		}
		n.disk.wipe(w)
		w.after(50*lease.Millisecond, w.load)
		w.run(8 * lease.Second)
		if why := w.served(1); why != "" {
			w.fail("eight seconds after a disk was lost %s", why)
		}
		for _, x := range w.nodes {
			if x != n && x.disk.hard.Standing == record.Voter {
				sealed++
			}
		}
	}
	require.Greater(t, hit, 50)
	require.Positive(t, sealed)
}

// A voter by birth that has accepted an epoch names this very directory: it took part.
func TestZ11_WhoTookPartInABirthHasItsVote(t *testing.T) {
	c := soloConfig(3)
	c.Hard.Standing, c.Hard.Seen = record.Unborn, nil
	heard := []Name{{1, 101}, {2, 102}, {3, 103}}
	s := newSolo(t, c)
	s.step(LinkUp{3, 3})
	s.hears(3, &Hello{ID: 3, Incarnation: 999, Boot: 1, Format: cell.Format}) // its disk was lost
	s.hears(3, &Welcome{})
	s.step(LinkUp{2, 2})
	hello := &Hello{ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Format: cell.Format, Heard: heard}
	s.hears(2, hello)
	s.hears(2, &Welcome{})
	require.Equal(t, record.Unborn, s.core.Standing(), "they may all begin anew")
	promised := *hello
	promised.Promised = true
	s.hears(2, &promised)
	require.Equal(t, record.Voter, s.core.Standing())
	require.Equal(t, cell.Incarnation(103), s.core.seenAs(3), "the birth counts, not who is there now")

	c.Hard.Incarnation = 777 // a directory that nobody has seen
	s = newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.hears(2, &promised)
	s.hears(2, &Welcome{})
	require.Equal(t, record.Unborn, s.core.Standing())
}

// Whom a birth took for whom counts from when it is asked to be remembered: a second machine with the id of
// one of them, whose hello comes before the disk has answered, does not take its place. Else two
// voters could go by different lists, and each find itself a quorum in one epoch.
func TestZ11_ATwinThatComesBeforeTheDiskHasAnswered(t *testing.T) {
	c := soloConfig(3)
	c.Hard.Standing, c.Hard.Seen = record.Unborn, nil
	s := newSolo(t, c)
	s.step(LinkUp{2, 2})
	s.step(LinkUp{3, 3})
	s.hold = true
	s.hears(2, &Hello{
		ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Promised: true, Format: cell.Format,
		Heard: []Name{{1, 101}, {2, 102}, {3, 103}},
	})
	require.Equal(t, record.Voter, s.core.hard.Standing)
	require.Equal(t, record.Unborn, s.core.Standing(), "the disk has not answered")
	s.hears(3, &Hello{ID: 3, Incarnation: 999, Boot: 1, Format: cell.Format})
	s.hold = false
	s.settle()
	require.Equal(t, record.Voter, s.core.Standing())
	require.Equal(t, cell.Incarnation(103), s.core.seenAs(3))
	m, _ := s.core.Heard().Find(3)
	require.Equal(t, cell.Incarnation(103), m.Incarnation, "the first list binds whom the birth named")
	require.False(t, s.core.counts(s.core.peer(3), cell.Member{ID: 3}), "the twin has no vote")
}

// Of two directories with one id each may find all others of its mind for a moment. No voter promises an epoch
// before all are voters of one mind, or one of its own mind has promised: else one voter could follow the one
// directory and another the other, each with its leader a quorum of one epoch (simulator seed 5633).
func TestZ11_NoEpochIsPromisedBeforeAllAreOfOneMind(t *testing.T) {
	mind, other := []Name{{1, 101}, {2, 102}, {3, 103}}, []Name{{1, 101}, {2, 102}, {3, 999}}
	hello := func(id cell.ReplicaID, st record.Standing, heard []Name, promised bool) *Hello {
		return &Hello{ID: id, Incarnation: cell.Incarnation(100 + id), Boot: 1, Standing: st, Heard: heard,
			Promised: promised, Format: cell.Format}
	}
	for _, x := range []struct {
		name     string
		by2, by3 *Hello
		promises bool
	}{
		{"2 is of another mind", hello(2, record.Voter, other, false), hello(3, record.Voter, mind, false), false},
		{"2 has promised in another mind", hello(2, record.Voter, other, true), hello(3, record.Voter, mind, false), false},
		{"2 is no voter yet", hello(2, record.Unborn, mind, false), hello(3, record.Voter, mind, false), false},
		{"all are of one mind", hello(2, record.Voter, mind, false), hello(3, record.Voter, mind, false), true},
		{"3 has promised", hello(2, record.Unborn, mind, false), hello(3, record.Voter, mind, true), true},
	} {
		met := func() *solo {
			s := newSolo(t, soloConfig(3))
			for _, m := range []*Hello{x.by2, x.by3} {
				s.step(LinkUp{m.ID, uint64(m.ID)})
				s.hears(m.ID, m)
				s.hears(m.ID, &Welcome{})
				s.hears(m.ID, &Status{Role: RoleLooking})
			}
			return s
		}
		s := met()
		s.led(3, 1)
		_, acked := last[*AckEpoch](s)
		require.Equal(t, x.promises, acked, x.name)
		s = met()
		stands := false
		for range 50 {
			s.pass(10 * lease.Millisecond)
			stands = stands || s.core.role != looks
		}
		require.Equal(t, x.promises, stands, "%s: an election", x.name)
	}
}

// A second list waits, whoever proposes it, until the first is committed.
func TestZ15_OneChangeAtATime(t *testing.T) {
	w := newWorld(t, 1, 3, 0)
	w.calm = true
	w.start()
	w.run(2 * lease.Second)
	var leader *node
	for _, n := range w.nodes {
		if n.core.Role() == "master" {
			leader = n
		}
	}
	for _, n := range w.nodes {
		n.disk.stall = true
	}
	end := leader.core.Last().Index
	list := simMembers(leader.core.Members())
	leader.step(Batch{Propose{record.Members, list}, Propose{record.Members, list}, leader.app.next()})
	require.Equal(t, end+1, leader.core.Last().Index)
	require.True(t, leader.core.Changing())
	w.heal()
	w.run(2 * lease.Second)
	require.False(t, leader.core.Changing())
	require.GreaterOrEqual(t, leader.core.Last().Index, end+3)
}
