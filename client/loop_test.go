package client

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client/session"
)

func nothing(uint64) item { return item{in: session.Wake{}} }

// A turn is somebody's whenever something waits and nobody comes with more.
func TestATurnIsTakenByOne(t *testing.T) {
	s := newSession(&Client{}, session.New(session.Config{}))
	b := &s.inbox
	id, mine := b.add(nothing, true)
	require.EqualValues(t, 1, id)
	require.True(t, mine, "the first takes it")
	id, mine = b.add(nothing, true)
	require.EqualValues(t, 2, id)
	require.False(t, mine, "somebody has it")
	require.Len(t, s.drain(nil), 2)
	_, mine = b.add(nothing, true)
	require.False(t, mine)
	require.True(t, b.over(), "what came meanwhile has a turn too")
	require.Len(t, s.drain(nil), 1)
	require.False(t, b.over())

	_, mine = b.add(nothing, false)
	require.False(t, mine, "who comes with more at once leaves it to that")
	_, mine = b.add(nothing, true)
	require.True(t, mine)
}

// What is left for later cannot make its reader wait for a turn that nobody takes.
func TestWhoLeavesMuchTakesATurn(t *testing.T) {
	s := newSession(&Client{}, session.New(session.Config{}))
	for i := range inboxMost {
		_, mine := s.inbox.add(nothing, false)
		require.Equal(t, i == inboxMost-1, mine, "item %d", i)
	}
}
