package host

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/zab"
)

// What comes in while the clock is read belongs to the next Step: a read must be answered with a
// reading that was taken after it had come.
func TestL4_TheClockIsReadAfterTheDrain(t *testing.T) {
	h := &Host{inbox: newInbox()}
	readings := 0
	h.config.Clock = clock.New(func() lease.Instant {
		readings++
		h.inbox.put(replica.ClientGone{Stream: uint64(readings)})
		return lease.Instant(readings)
	})
	h.inbox.put(replica.ClientGone{Stream: 100})
	in, at := h.turn(nil)
	require.Equal(t, []replica.Input{replica.ClientGone{Stream: 100}}, in)
	require.Equal(t, lease.Instant(1), at.Now)
	in, _ = h.turn(nil)
	require.Equal(t, []replica.Input{replica.ClientGone{Stream: 1}}, in)
}

// What comes between a token and its turn is taken by that turn, and brings no other one; what comes after it does.
func TestNoTurnForNothing(t *testing.T) {
	b := newInbox()
	b.put(zab.Free{Bytes: 1})
	<-b.ready // the loop is about to turn
	b.put(zab.Free{Bytes: 2})
	require.Len(t, b.drain(nil), 2)
	require.Empty(t, b.ready)
	b.put(zab.Free{Bytes: 3})
	<-b.ready
	require.Len(t, b.drain(nil), 1)
}
