package world

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// TestHealing_WhoIsPausedGoesOn: when everything heals pauses end, those of users too. One of 20 s would
// otherwise last for as long as the cell has for its service to come back.
func TestHealing_WhoIsPausedGoesOn(t *testing.T) {
	c := NewCell(1, nil)
	u := c.users[0]
	u.until = 20 * Second
	u.start()
	c.until(Second, func() bool { return false })
	require.NotEmpty(t, u.visit.inbox, "it is paused")
	c.heal()
	c.until(2*Second, func() bool { return false })
	require.Empty(t, u.visit.inbox)
}

// TestOutside_AnEmptiedMemberIsNone: a member whose disk was emptied counts as one whose vote is missing, also
// where it has a second body that is no member either. Else another may die for good beside it, and no quorum
// is left.
func TestOutside_AnEmptiedMemberIsNone(t *testing.T) {
	c := NewCell(1, nil)
	first, second := c.machines[0], c.addMachine(c.machines[0].id, NewDisk(c.loop.Dice, c.machines[0].disk.Born))
	first.twin, second.twin = second, first
	second.disk.knows.Incarnation = 7
	c.members = cell.Members{{ID: first.id, Incarnation: 7}}
	require.True(t, c.outside(first))
	require.False(t, c.outside(second))
	c.members[0].Incarnation = 8 // what was bound meanwhile is lost
	require.False(t, c.outside(first))
	require.False(t, c.outside(second))
	c.members[0].ID += 10
	require.True(t, c.outside(first))
}
