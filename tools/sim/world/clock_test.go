package world

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
)

// TestL1_ClocksArePairsWithinTheBound: over any stretch of true time, whatever rates are drawn
// below the bound, no clock counts more than (1+drift) times what another counts.
func TestL1_ClocksArePairsWithinTheBound(t *testing.T) {
	const ppm = 10_000
	for seed := range uint64(200) {
		d := NewDice(seed)
		a, b := NewClock(0, 0, int64(d.Below(ppm+1))), NewClock(7, 0, int64(d.Below(ppm+1)))
		var at True
		for range 20 {
			a0, b0 := a.Read(at), b.Read(at)
			at += d.Between(0, 10*Second)
			da, db := a.Read(at).Sub(a0), b.Read(at).Sub(b0)
			require.LessOrEqual(t, float64(da), float64(db)*1.01+2)
			require.LessOrEqual(t, float64(db), float64(da)*1.01+2)
			a.Slew(at, int64(d.Below(ppm+1)))
			b.Slew(at, int64(d.Below(ppm+1)))
		}
	}
}

// TestClockWhenIsTheFirstTime: When is the inverse of Read.
func TestClockWhenIsTheFirstTime(t *testing.T) {
	for seed := range uint64(200) {
		d := NewDice(seed)
		c := NewClock(lease.Instant(d.Between(0, Second)), d.Between(0, Second), int64(d.Below(20_000)))
		i := c.base + lease.Instant(d.Between(1, 100*Second))
		at := c.When(i)
		require.GreaterOrEqual(t, c.Read(at), i)
		require.Less(t, c.Read(at-1), i)
	}
}
