package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A small heap is left a fixed amount of garbage, a large one a part of itself.
func TestCollectPercent(t *testing.T) {
	require.Equal(t, smallPercent, collectPercent(0))
	require.Equal(t, 640, collectPercent(20<<20))
	require.Equal(t, 200, collectPercent(64<<20))
	require.Equal(t, largePercent, collectPercent(1<<30))
	for alive, last := uint64(1<<20), 1<<30; alive < 1<<34; alive *= 2 {
		next := collectPercent(alive)
		require.LessOrEqual(t, next, last)
		last = next
	}
}

// Memory is given back by who is quiet, where there is enough of it to be worth the look at all that is alive.
func TestOnlyTheQuietGiveMemoryBack(t *testing.T) {
	require.True(t, worthwhile(quietBytes, worthBytes, 1<<20))
	require.False(t, worthwhile(quietBytes+1, worthBytes, 1<<20), "busy")
	require.False(t, worthwhile(0, worthBytes-1, 1<<20), "little to be had")
	require.False(t, worthwhile(0, 100<<20, 1<<30), "much is alive")
	require.True(t, worthwhile(0, 128<<20, 1<<30))
}
