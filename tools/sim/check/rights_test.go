package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

func TestC6_NoAnswerAfterARevocationThatIsKnown(t *testing.T) {
	const n = cell.Name("/ls/local/s")
	for _, c := range []struct {
		shown      bool
		begin, end int64
		fine       bool
	}{
		{true, 5, 9, true}, {false, 5, 9, false}, // before anything changes
		{true, 25, 26, true}, {false, 25, 26, true}, // while the revocation is on its way back
		{true, 31, 40, false}, {false, 31, 40, true}, // it is known
		{true, 31, 55, true}, {false, 31, 55, true}, // and granted anew meanwhile
	} {
		court := &Court{}
		r := NewRights(court)
		r.Applied(n, true, 1, 0)
		r.Applied(n, true, 2, 10)
		r.Applied(n, false, 3, 20)
		r.Told(n, 3, 30)
		r.Applied(n, true, 4, 50)
		r.Answered(n, c.shown, c.begin, c.end)
		require.Equal(t, c.fine, court.Verdict() == nil, "%+v", c)
	}
}
