//go:build !race

package packed

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// Memory of leaves that have grown, parted or gone is not left to lie among that of others, nor kept by the tree
// of leaves, in which old pointers stand behind the ends of nodes. (Under the race detector the allocator lays
// memory out otherwise.)
func TestMemoryIsTakenAgain(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	const n = 200_000
	for _, window := range []int{1, 1000, n} {
		var before, after runtime.MemStats
		debug.FreeOSMemory()
		runtime.ReadMemStats(&before)
		m := jumbled(n, 1000, window, 100)
		debug.FreeOSMemory()
		runtime.ReadMemStats(&after)
		leaves, bytes := weigh(m)
		alive, held := int(after.HeapAlloc)-int(before.HeapAlloc), int(after.HeapInuse)-int(before.HeapInuse)
		require.LessOrEqual(t, alive, bytes+leaves*600+mostSpare*mostBytes, "of %d", window)
		require.LessOrEqual(t, held, alive*115/100, "of %d", window)
		runtime.KeepAlive(m)
	}
}
