package world

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// TestZ11_ACopyStartsOnlyBelowWhatAllHaveSeen: peers can tell a directory that was put back only by a boot
// counter below the one that they have seen. A crash may leave the counter that is being saved; with one
// crash too many the copy starts as what they know, votes without what it had acked, and two machines
// commit different records at one index (seeds 10596, 11642).
func TestZ11_ACopyStartsOnlyBelowWhatAllHaveSeen(t *testing.T) {
	c := NewCell(1, nil)
	m := c.machines[0]
	keep := func(m *Machine, boot uint64, seen ...record.Seen) {
		h := record.HardState{Incarnation: cell.Incarnation(100 + m.id), Boot: boot, Standing: record.Voter, Seen: seen}
		m.disk.BeginSave(h)
		m.disk.EndSave()
	}
	for _, o := range c.machines {
		c.members = c.members.With(cell.Member{ID: o.id, Incarnation: cell.Incarnation(100 + o.id)})
		keep(o, 1, record.Seen{ID: m.id, Incarnation: cell.Incarnation(100 + m.id), Boot: 5})
	}
	keep(m, 3)
	m.old = true
	require.True(t, m.mayCrash(), "the next start is the 4th: they refuse it")
	saving := m.disk.knows
	saving.Boot = 4
	m.disk.BeginSave(saving)
	require.False(t, m.mayCrash(), "a crash may leave the 4th, and the next start is as the 5th: they would take it in")
	require.Nil(t, m.disk.Copy().saving, "a copy has no process that saves")
	m.disk.EndSave()
	require.False(t, m.mayCrash())
	m.old = false
	require.True(t, m.mayCrash(), "nobody refuses the directory itself")
}
