package fence

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
)

func exclusive(token uint64) cell.Sequencer {
	return cell.Sequencer{Mode: cell.Exclusive, Grant: token, Hold: token, Instance: 1, Name: "/ls/local/app"}
}

func shared(token, hold uint64) cell.Sequencer {
	return cell.Sequencer{Mode: cell.Shared, Grant: token, Hold: hold, Instance: 1, Name: "/ls/local/app"}
}

func TestC2_AnExclusiveTokenBelowAnySeenIsStale(t *testing.T) {
	g := New(10)
	require.NoError(t, g.Admit("disk", exclusive(10)))
	require.NoError(t, g.Admit("disk", exclusive(10)), "the same holder again")
	require.NoError(t, g.Admit("disk", exclusive(11)))
	require.ErrorIs(t, g.Admit("disk", exclusive(10)), cell.ErrStaleSequencer)
	require.NoError(t, g.Admit("disk", shared(20, 19)))
	require.ErrorIs(t, g.Admit("disk", exclusive(11)), cell.ErrStaleSequencer, "a shared holder has come after it")
	require.NoError(t, g.Admit("tape", exclusive(3)), "another resource has seen nobody")
}

func TestC2_ASharedTokenIsStaleBelowTheHighestExclusiveOne(t *testing.T) {
	g := New(10)
	require.NoError(t, g.Admit("disk", shared(30, 28)))
	require.NoError(t, g.Admit("disk", shared(25, 25)), "shared holders do not exclude each other")
	require.NoError(t, g.Admit("disk", shared(30, 29)), "granted together")
	require.NoError(t, g.Admit("disk", exclusive(31)))
	require.ErrorIs(t, g.Admit("disk", shared(30, 28)), cell.ErrStaleSequencer)
	require.ErrorIs(t, g.Admit("disk", shared(25, 25)), cell.ErrStaleSequencer)
}

func TestC2_WhatIsRefusedLeavesNoMark(t *testing.T) {
	g := New(10)
	require.NoError(t, g.Admit("disk", exclusive(10)))
	before := g.Seen("disk")
	require.Error(t, g.Admit("disk", exclusive(9)))
	require.Equal(t, before, g.Seen("disk"))
	require.Equal(t, Mark{Any: 10, Exclusive: 10}, before)
}

func TestB5_WhatIsNoSequencerIsUsage(t *testing.T) {
	g := New(10)
	for _, q := range []cell.Sequencer{{}, {Mode: cell.Free, Grant: 7}, {Mode: cell.Exclusive}, {Mode: 77, Grant: 7}} {
		require.ErrorIs(t, g.Admit("disk", q), cell.ErrUsage, "%v", q)
	}
	require.Zero(t, g.Len())
}

func TestB2_ForgettingAdmitsNobodyWhoWasOvertaken(t *testing.T) {
	g := New(2)
	require.NoError(t, g.Admit("a", exclusive(10)))
	require.NoError(t, g.Admit("b", exclusive(20)))
	require.NoError(t, g.Admit("c", exclusive(30))) // a is forgotten
	require.Equal(t, 2, g.Len())
	require.ErrorIs(t, g.Admit("a", exclusive(9)), cell.ErrStaleSequencer)
	require.ErrorIs(t, g.Admit("never seen", exclusive(9)), cell.ErrStaleSequencer)
	require.NoError(t, g.Admit("a", exclusive(10)), "the holder it had is still the newest there")
}

// twin remembers for ever.
type twin map[string]Mark

// TestC2_NeverMoreLenientThanItsTwin: whatever a bounded Guard admits, one that forgets nothing
// admits too; and as long as it has room they agree.
func TestC2_NeverMoreLenientThanItsTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 6).Draw(t, "most")
		g, w := New(most), twin{}
		for range 60 {
			name := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "resource"))
			q := exclusive(uint64(rapid.IntRange(1, 30).Draw(t, "token")))
			if rapid.Bool().Draw(t, "shared") {
				q.Mode = cell.Shared
			}
			err := g.Admit(name, q)
			fresh := !w[name].stale(q)
			if err == nil {
				require.True(t, fresh, "%s at %s", q, name)
				w[name] = w[name].with(q)
			} else if most == 6 {
				require.False(t, fresh, "%s at %s", q, name)
			}
			require.LessOrEqual(t, g.Len(), most)
		}
	})
}
