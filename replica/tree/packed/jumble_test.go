package packed

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What many make at once comes nearly in order, or in none: leaves have more than half of what they may, and
// memory for little more than they have.
func TestLeavesOfWhatComesJumbled(t *testing.T) {
	const n, entry = 50_000, 126
	for _, window := range []int{8, 64, 1000, n} {
		leaves, bytes := weigh(jumbled(n, n, window, entry-3))
		require.LessOrEqual(t, leaves, 2*n*entry/mostBytes, "of %d", window)
		require.LessOrEqual(t, bytes, n*entry*115/100, "of %d", window)
	}
}

// Folder after folder is filled in order, but not all folders come in the order of their names: dir10 after dir9.
func TestLeavesOfFoldersAreFull(t *testing.T) {
	const n = 50_000
	leaves, bytes := weigh(jumbled(n, 100, 1, 100))
	require.LessOrEqual(t, leaves, n/55)
	require.LessOrEqual(t, bytes, n*119)
}

// jumbled is a map of so many entries, each of which came earlier or later than its turn, by less than a window.
func jumbled(n, folder, window, size int) *Map[string] {
	random, order := rand.New(rand.NewPCG(1, 2)), make([][2]int, n)
	for i := range order {
		order[i] = [2]int{i + random.IntN(window), i}
	}
	slices.SortFunc(order, func(a, b [2]int) int { return a[0] - b[0] })
	m, value := New[string](), make([]byte, size)
	for _, x := range order {
		m.Set(fmt.Sprintf("/ls/local/dir%d/node-%08d", x[1]/folder, x[1]), value, nil)
	}
	return m
}
