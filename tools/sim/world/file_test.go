package world

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFileCrashKeepsWhatWasSynced: whatever the dice say, a synced byte stays as it was.
func TestFileCrashKeepsWhatWasSynced(t *testing.T) {
	var sum damage
	for seed := range uint64(500) {
		d, f := NewDice(seed), &File{}
		var synced []byte
		for range d.Below(8) {
			f.Append(bytes.Repeat([]byte{byte(1 + d.Below(255))}, 1+d.Below(50)))
			if d.Chance(400_000) {
				f.Sync()
				synced = append([]byte(nil), f.Bytes()...)
			}
		}
		written := append([]byte(nil), f.Bytes()...)
		done := f.Crash(d, true)
		require.True(t, bytes.HasPrefix(f.Bytes(), synced), "seed %d", seed)
		require.LessOrEqual(t, len(f.Bytes()), len(written))
		sum.lost += done.lost
		sum.torn += done.torn
		sum.holes += done.holes
	}
	require.NotZero(t, sum.lost)
	require.NotZero(t, sum.torn)
	require.NotZero(t, sum.holes)
}

// TestFileKillLosesNothing: without a power cut the kernel has every written byte.
func TestFileKillLosesNothing(t *testing.T) {
	f := &File{}
	f.Append([]byte("written"))
	f.Crash(NewDice(1), false)
	require.Equal(t, "written", string(f.Bytes()))
}
