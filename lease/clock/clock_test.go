package clock_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
	"github.com/leasehold/leasehold/lease/clock/clocktest"
)

func TestBootConforms(t *testing.T) {
	here := func(t *testing.T, body func(*testing.T)) { body(t) }
	clocktest.Run(t, here, func() clocktest.Clock { return clock.New(clock.Now) })
}

func TestGoConforms(t *testing.T) {
	clocktest.Run(t, synctest.Test, func() clocktest.Clock { return clock.Go() })
}

// A machine that slept: its clock has jumped, its timers have not.
func TestL2_AfterASuspendTheClockIsComparedWithinATick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, slept := time.Now(), atomic.Int64{}
		c := clock.New(func() lease.Instant { return lease.Instant(time.Since(start)) + lease.Instant(slept.Load()) })
		due, stop := c.After(c.Now().Add(60 * lease.Second))
		defer stop()
		synctest.Wait()
		slept.Store(int64(time.Hour))
		woken := time.Now()
		<-due
		require.LessOrEqual(t, time.Since(woken), clock.Tick)
	})
}

func TestL2_ATimerThatFiresEarlyWakesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow := func() lease.Instant { return lease.Instant(time.Since(start) / 2) }
		c := clock.New(slow)
		due, _ := c.After(c.Now().Add(10 * lease.Second))
		<-due
		require.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}

func TestManyWaitersShareOneGoroutineWhichEndsWithThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.Go()
		var stops []func()
		for i := range 10_000 {
			_, stop := c.After(c.Now().Add(lease.Duration(i+1) * lease.Second))
			stops = append(stops, stop)
		}
		require.Equal(t, 10_000, c.Waiters())
		for _, stop := range stops {
			stop()
		}
		require.Zero(t, c.Waiters())
	}) // the bubble panics if the goroutine stays
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		clock.Now()
	}
}
