package lock

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
)

func TestC3_ADelayIsCountedInFull(t *testing.T) {
	var d Delays
	a1, a2, b := Key{"/ls/x/a", 1}, Key{"/ls/x/a", 2}, Key{"/ls/x/b", 1}
	require.Equal(t, lease.Never, d.Wake())
	d.Start(0, b, 5*lease.Second)
	d.Start(0, a2, 5*lease.Second)
	d.Start(0, a1, 2*lease.Second)
	require.Equal(t, 5*lease.Second, d.Left(0, "/ls/x/a"), "the longer one")
	require.Zero(t, d.Left(0, "/ls/x/c"))
	require.Equal(t, lease.Instant(2*lease.Second), d.Wake())
	require.Empty(t, d.Due(lease.Instant(2*lease.Second)-1, 9))
	require.Equal(t, []Key{a1}, d.Due(lease.Instant(2*lease.Second), 9))
	require.Equal(t, []Key{a2, b}, d.Due(lease.Instant(9*lease.Second), 9), "rising by name, then token")
	require.Zero(t, d.Left(0, "/ls/x/a"))
	require.Zero(t, d.Len())
}

func TestL8_EndsOfDelaysAreBounded(t *testing.T) {
	var d Delays
	for i := range uint64(10) {
		d.Start(0, Key{"/ls/x/a", i}, lease.Second)
	}
	require.Len(t, d.Due(lease.Instant(lease.Second), 4), 4)
	require.Len(t, d.Due(lease.Instant(lease.Second), 9), 6)
}
