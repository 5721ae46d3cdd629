package clocktest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
)

// Clock is what a clock must do; *clock.Clock does.
type Clock interface {
	Now() lease.Instant
	After(lease.Instant) (due <-chan struct{}, stop func())
	Waiters() int
}

// Run checks one clock. run executes a body as one test, in a synctest bubble if the clock
// needs one; fresh makes a clock for it.
func Run(t *testing.T, run func(t *testing.T, body func(*testing.T)), fresh func() Clock) {
	for _, c := range []struct {
		name string
		body func(*testing.T, Clock)
	}{
		{"L2_a clock never goes backwards", forwards},
		{"L2_nobody is woken before the clock shows the instant", neverEarly},
		{"L2_waiters are woken in order", inOrder},
		{"L2_an instant that has passed is due at once", past},
		{"L2_an earlier waiter is not kept by a later one", overtakes},
		{"L2_a stopped waiter is forgotten", stopped},
	} {
		t.Run(c.name, func(t *testing.T) { run(t, func(t *testing.T) { c.body(t, fresh()) }) })
	}
}

func forwards(t *testing.T, c Clock) {
	last := c.Now()
	require.Positive(t, last)
	for range 1000 {
		now := c.Now()
		require.GreaterOrEqual(t, now, last)
		last = now
	}
}

func neverEarly(t *testing.T, c Clock) {
	for _, d := range []lease.Duration{0, lease.Microsecond, lease.Millisecond, 10 * lease.Millisecond} {
		at := c.Now().Add(d)
		due, _ := c.After(at)
		<-due
		require.GreaterOrEqual(t, c.Now(), at)
	}
	require.Zero(t, c.Waiters())
}

func inOrder(t *testing.T, c Clock) {
	now := c.Now()
	late, _ := c.After(now.Add(30 * lease.Millisecond))
	early, _ := c.After(now.Add(5 * lease.Millisecond))
	<-late
	require.True(t, isClosed(early), "the later instant was due before the earlier one")
}

func past(t *testing.T, c Clock) {
	due, stop := c.After(c.Now())
	require.True(t, isClosed(due))
	stop()
	require.Zero(t, c.Waiters())
}

func overtakes(t *testing.T, c Clock) {
	_, stop := c.After(c.Now().Add(3600 * lease.Second))
	defer stop()
	due, _ := c.After(c.Now().Add(lease.Millisecond))
	<-due
	require.Equal(t, 1, c.Waiters())
}

func stopped(t *testing.T, c Clock) {
	due, stop := c.After(c.Now().Add(3600 * lease.Second))
	require.Equal(t, 1, c.Waiters())
	stop()
	stop()
	require.Zero(t, c.Waiters())
	require.False(t, isClosed(due))
	again, _ := c.After(c.Now().Add(lease.Millisecond))
	<-again
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
