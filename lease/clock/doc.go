// Package clock is the only door to the machine's clock: it turns CLOCK_BOOTTIME into
// lease.Instant, and wakes who waits for one.
//
// It keeps:
//
//   - L2 Clocks are CLOCK_BOOTTIME, which goes on while the machine sleeps. Timers are hints: a
//     waiter is woken only when the clock itself has been read and shows its instant, and the
//     clock is read at least every 250 ms while anybody waits, so that waking from a suspend
//     costs no more than that. A clock that stops while others run (a paused VM) is outside the
//     bound of drift: there only tokens protect.
//
// Elsewhere than on Linux the clock is Go's monotonic one, which may stand still while the
// machine sleeps: weaker, and Kind says so.
package clock
