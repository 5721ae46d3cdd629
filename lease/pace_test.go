package lease

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A bucket lets through what a second earns at once, and then what is earned, however it is asked for.
func TestB3_APaceLetsThroughWhatIsEarned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 1<<40).Draw(t, "rate")
		var p Pace
		now, start, spent := Instant(1e9), Instant(1e9), 0.0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			n := rapid.IntRange(0, 2*rate).Draw(t, "n")
			if wait := p.Over(now); wait > 0 {
				now = now.Add(Duration(rapid.Int64Range(0, int64(2*wait)).Draw(t, "waited")))
				continue
			}
			earned := float64(rate) * float64(now.Sub(start)+burst) / float64(Second)
			require.LessOrEqual(t, spent, earned*1.000001+float64(n)+2, "what is let through has been earned")
			p.Spend(now, n, rate)
			spent += float64(n)
		}
	})
}

func TestB3_APaceIsFullAgainInTime(t *testing.T) {
	var p Pace
	now := Instant(5e9)
	require.True(t, p.Full(now))
	for range 10 {
		require.Zero(t, p.Over(now))
		p.Spend(now, 1, 10)
	}
	require.Zero(t, p.Over(now), "what a second earns, at once")
	p.Spend(now, 1, 10)
	require.Equal(t, 100*Millisecond, p.Over(now))
	require.False(t, p.Full(now.Add(Second)))
	require.True(t, p.Full(now.Add(1100*Millisecond)))
	require.Zero(t, p.Over(now.Add(100*Millisecond)))
}
