package clock

import (
	"sync"
	"time"

	"github.com/leasehold/leasehold/lease"
)

// Tick is the longest time for which a Clock with waiters does not look at its source (L2).
const Tick = 250 * time.Millisecond

// Clock reads one source and wakes waiters by it. All waiters share one goroutine, which lives
// only while there are any. Safe for concurrent use; make one with New.
type Clock struct {
	source func() lease.Instant

	mu      sync.Mutex
	waiters lease.Queue[*waiter]
	running bool
	nudge   chan struct{} // an earlier waiter has come, or the last one has gone
}

type waiter struct{ due chan struct{} }

var boot = New(readBoot)

// Boot is the process's shared clock: CLOCK_BOOTTIME on Linux.
func Boot() *Clock { return boot }

// Now reads the process's shared clock. It costs a system call: read once, use often.
func Now() lease.Instant { return readBoot() }

// New makes a clock that reads source, which must never go backwards.
func New(source func() lease.Instant) *Clock {
	return &Clock{source: source, nudge: make(chan struct{}, 1)}
}

// Go makes a clock of Go's own monotonic time, counted from now: for tests in a synctest
// bubble, where that time is simulated.
func Go() *Clock {
	start := time.Now()
	return New(func() lease.Instant { return lease.Instant(time.Since(start)) + 1 })
}

// Now reads the clock.
func (c *Clock) Now() lease.Instant { return c.source() }

// After gives a channel that is closed once the clock shows at or later: never before, at most
// a scheduling delay after it, and at most Tick after the machine has slept through it. An
// instant that has passed gives a closed channel. stop frees the waiter and leaves the channel
// as it is; it may be called more than once, and after the channel was closed.
func (c *Clock) After(at lease.Instant) (due <-chan struct{}, stop func()) {
	w := &waiter{due: make(chan struct{})}
	if c.source() >= at {
		close(w.due)
		return w.due, func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	first := at < c.waiters.Next()
	c.waiters.Set(w, at)
	switch {
	case !c.running:
		c.running = true
		go c.run()
	case first:
		c.wake()
	}
	return w.due, func() { c.remove(w) }
}

// Waiters is how many have neither been woken nor stopped.
func (c *Clock) Waiters() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.waiters.Len()
}

func (c *Clock) remove(w *waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiters.Remove(w)
	if c.waiters.Len() == 0 {
		c.wake()
	}
}

func (c *Clock) wake() {
	select {
	case c.nudge <- struct{}{}:
	default:
	}
}

// run wakes the due and sleeps until the next, or a Tick, whichever is sooner.
func (c *Clock) run() {
	timer := time.NewTimer(Tick)
	defer timer.Stop()
	for {
		pause, more := c.fire()
		if !more {
			return
		}
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-c.nudge:
		}
	}
}

// fire wakes every waiter that is due and says how long to sleep; more is false when nobody is
// left, and then the goroutine must end.
func (c *Clock) fire() (pause time.Duration, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.source()
	for w, ok := c.waiters.Due(now); ok; w, ok = c.waiters.Due(now) {
		close(w.due)
	}
	if c.waiters.Len() == 0 {
		c.running = false
		return 0, false
	}
	return min(Tick, time.Duration(c.waiters.Next().Sub(now))), true
}
