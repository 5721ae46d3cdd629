package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// The disk answers in the order of what it was asked, also when an installed snapshot is among the
// answers that one Step takes: the core goes by that order (Z7).
func TestZ7_AnInstalledSnapshotKeepsItsPlaceAmongTheAnswers(t *testing.T) {
	var r Replica
	installed := &tree.Tree{}
	r.sort([]Input{zab.Persisted{Ticket: 3}, Installed{Ticket: 4, Tree: installed}, zab.Persisted{Ticket: 5}})
	require.Equal(t, []zab.Input{
		zab.Persisted{Ticket: 3}, zab.Persisted{Ticket: 4}, zab.Persisted{Ticket: 5},
	}, []zab.Input(r.batch))
	require.Same(t, installed, r.fresh)
	require.Empty(t, r.own)
}
