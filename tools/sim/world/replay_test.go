package world

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOneSeedOneTrace: a seed is the same run each time, byte for byte. No map order, no real
// time, no text of protobuf comes into it.
func TestOneSeedOneTrace(t *testing.T) {
	for seed := range uint64(6) {
		var first, second bytes.Buffer
		a, b := Run(seed, 20, &first), Run(seed, 20, &second)
		require.Equal(t, first.String(), second.String(), "seed %d", seed)
		require.Equal(t, a, b)
		require.Equal(t, a.Fingerprint, Run(seed, 20, nil).Fingerprint, "watching seed %d changes it", seed)
		require.Nil(t, a.Broken, "seed %d", seed)
	}
}

// TestL9_ClocksBeyondTheBoundAreCaught: with clocks that drift more than the cell allows two
// machines hold the mastership at once, sooner or later; a checker that does not see it is blind.
func TestL9_ClocksBeyondTheBoundAreCaught(t *testing.T) {
	for seed := range uint64(300) {
		loop := NewLoop(seed, nil)
		s := DrawSwarm(loop.Dice)
		s.Bare, s.Beyond, s.Every[Partition], s.Length = true, true, Second, 30*Second
		c := newCell(loop, s)
		c.live()
		if v := c.court.Verdict(); v != nil && v.Rule == "L9" {
			return
		}
	}
	t.Fatal("no seed had two masters")
}
