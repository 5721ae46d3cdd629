package world

import "github.com/leasehold/leasehold/lease"

// Clock is one machine's own: it runs faster than true time by ppm millionths, which may change
// while it runs. All rates are drawn between 0 and the drift bound, so that any two clocks,
// taken as a pair, keep within it (L1): while one counts 1, the other counts at most 1 + drift.
type Clock struct {
	base  lease.Instant // what it showed
	since True          // then
	ppm   int64
}

// NewClock shows base at true time t.
func NewClock(base lease.Instant, t True, ppm int64) *Clock { return &Clock{base, t, ppm} }

// Read is what the clock shows at t, which must not lie before its last change.
func (c *Clock) Read(t True) lease.Instant {
	d := int64(t - c.since)
	return c.base + lease.Instant(d+d/1_000_000*c.ppm+d%1_000_000*c.ppm/1_000_000)
}

// When is the first true time at which the clock shows i or more, if its rate stays; for what
// it has shown already, the time of its last change.
func (c *Clock) When(i lease.Instant) True {
	if i <= c.base {
		return c.since
	}
	if i == lease.Never {
		return 1<<63 - 1
	}
	d := int64(i - c.base)
	t := c.since + True(d/(1_000_000+c.ppm)*1_000_000+d%(1_000_000+c.ppm)*1_000_000/(1_000_000+c.ppm))
	for c.Read(t) < i {
		t++
	}
	return t
}

// Slew changes the rate from t on.
func (c *Clock) Slew(t True, ppm int64) { c.base, c.since, c.ppm = c.Read(t), t, ppm }

// Reboot begins the clock anew, as a machine's boot time does; the rate stays.
func (c *Clock) Reboot(t True, base lease.Instant) { c.base, c.since = base, t }
