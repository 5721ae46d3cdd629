package tree

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// B1: whose session it is was settled when it was opened, and is the same at every replica.
func TestB1_ATransactionSpeaksForItsSessionsPrincipalOnly(t *testing.T) {
	w := born(t, nil)
	s := w.open(1)
	make := func(principal string) Applied {
		tx := Txn{Session: s, Call: 1, Principal: principal, Names: []cell.Name{"/ls/local", "/ls/local/a"},
			Op: &call.Create{Name: "/ls/local/a"}}
		return w.apply(Encode(tx), tx.Kind())
	}
	for _, other := range []string{"", "somebody"} {
		got := make(other)
		require.Equal(t, cell.CodeOf(cell.ErrDenied), got.Result.Code, got.Result.Message)
		require.Empty(t, got.Changes)
	}
	require.Zero(t, make(cell.Anonymous).Result.Code)
}
