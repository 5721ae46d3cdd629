package steps

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// A writer waits for the one before it, a reader for the last writer before it; what is no node of the
// lock is nobody.
func TestASequentialLockWaitsForOnePredecessor(t *testing.T) {
	n := func(kind string, i int) string { return fmt.Sprintf("%s%020d", kind, i) }
	all := []string{n(Reader, 1), n(Writer, 2), n(Reader, 3), n(Writer, 4), n(Reader, 5), n(Reader, 6), "turn", "write-x"}
	for self, want := range map[string]string{
		n(Reader, 1): "", n(Writer, 2): n(Reader, 1), n(Reader, 3): n(Writer, 2), n(Writer, 4): n(Reader, 3),
		n(Reader, 5): n(Writer, 4), n(Reader, 6): n(Writer, 4), n(Writer, 7): n(Reader, 6),
	} {
		require.Equal(t, want, predecessor(all, self), self)
	}
}
