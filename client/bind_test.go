package client

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// What is bound to a hold has ended when the end of the hold returns, and so before its release is
// sent: nobody else can have the lock while it lives.
func TestC1_BoundContextsEndWithTheHold(t *testing.T) {
	for range 200 {
		k := &Hold{s: &Session{}}
		k.ctx, k.cancel = context.WithCancelCause(context.Background())
		bound, cancel := k.Bind(t.Context())
		free, freed := k.Bind(t.Context())
		freed()
		k.end(cell.ErrReleased)
		require.Error(t, bound.Err())
		require.ErrorIs(t, context.Cause(bound), cell.ErrReleased)
		require.ErrorIs(t, context.Cause(free), context.Canceled)
		late, done := k.Bind(t.Context())
		require.ErrorIs(t, context.Cause(late), cell.ErrReleased)
		done()
		cancel()
		require.Empty(t, k.bound)
	}
}
