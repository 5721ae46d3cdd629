package world

import (
	"testing"

	"github.com/stretchr/testify/require"
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
