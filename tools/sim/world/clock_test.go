package world

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock/clocktest"
)

// TestL1_ClocksArePairsWithinTheBound: over any stretch of true time, whatever rates are drawn
// below the bound, no clock counts more than (1+drift) times what another counts.
func TestL1_ClocksArePairsWithinTheBound(t *testing.T) {
	const ppm = 10_000
	for seed := range uint64(200) {
		d := NewDice(seed)
		a, b := NewClock(0, 0, int64(d.Below(ppm+1))), NewClock(7, 0, int64(d.Below(ppm+1)))
		var at True
		for range 20 {
			a0, b0 := a.Read(at), b.Read(at)
			at += d.Between(0, 10*Second)
			da, db := a.Read(at).Sub(a0), b.Read(at).Sub(b0)
			require.LessOrEqual(t, float64(da), float64(db)*1.01+2)
			require.LessOrEqual(t, float64(db), float64(da)*1.01+2)
			a.Slew(at, int64(d.Below(ppm+1)))
			b.Slew(at, int64(d.Below(ppm+1)))
		}
	}
}

// TestClockWhenIsTheFirstTime: When is the inverse of Read.
func TestClockWhenIsTheFirstTime(t *testing.T) {
	for seed := range uint64(200) {
		d := NewDice(seed)
		c := NewClock(lease.Instant(d.Between(0, Second)), d.Between(0, Second), int64(d.Below(20_000)))
		i := c.base + lease.Instant(d.Between(1, 100*Second))
		at := c.When(i)
		require.GreaterOrEqual(t, c.Read(at), i)
		require.Less(t, c.Read(at-1), i)
	}
}

// TestClockConforms: the simulated clock keeps the promises of the real one, by the same suite: at the
// slow and at the fast end of the bound, and while its rate changes.
func TestClockConforms(t *testing.T) {
	for name, rates := range map[string][]int64{"slow": {0}, "fast": {10_000}, "changing": {10_000, 0, 3_000, 7}} {
		t.Run(name, func(t *testing.T) {
			clocktest.Run(t, synctest.Test, func() clocktest.Clock {
				return &waking{start: time.Now(), clock: NewClock(5, 0, rates[0]), rates: rates}
			})
		})
	}
}

// waking is the simulated clock behind the port of the suite. True time is the bubble's, and who waits
// is woken as the machines of the world are: at When, and if the clock was slowed meanwhile, again.
type waking struct {
	mu      sync.Mutex
	start   time.Time
	clock   *Clock
	rates   []int64
	reads   int
	waiters int
}

func (w *waking) true() True { return True(time.Since(w.start)) }

func (w *waking) Now() lease.Instant {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	w.clock.Slew(w.true(), w.rates[w.reads%len(w.rates)])
	return w.clock.Read(w.true())
}

func (w *waking) After(i lease.Instant) (<-chan struct{}, func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	due, over := make(chan struct{}), false
	w.waiters++
	end := func() {
		if !over {
			over = true
			w.waiters--
		}
	}
	w.wait(i, func() bool { return over }, func() {
		end()
		close(due)
	})
	return due, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		end()
	}
}

// wait calls then when the clock shows i, unless it is over before; the lock is held.
func (w *waking) wait(i lease.Instant, over func() bool, then func()) {
	switch {
	case over():
	case w.clock.Read(w.true()) >= i:
		then()
	default:
		time.AfterFunc(time.Duration(w.clock.When(i)-w.true()), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.wait(i, over, then)
		})
	}
}

func (w *waking) Waiters() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiters
}
