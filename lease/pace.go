package lease

// Pace is a token bucket in one number: until when what was spent takes to be earned again. The zero
// Pace is full.
type Pace Instant

// burst is how much may be spent at once: what is earned in so long.
const burst = Second

// Over is for how long nothing may be spent; 0: something may be now, however much it then is.
func (p Pace) Over(now Instant) Duration { return max(0, Instant(p).Sub(now)-burst) }

// Spend takes n, where rate is what is earned in a second, from 1.
func (p *Pace) Spend(now Instant, n, rate int) {
	whole, rest := Duration(n/rate), Duration(n%rate)
	for rest > Duration(Never)/Second { // so large a rate is no finer than that
		rest, rate = rest/2, rate/2
	}
	*p = Pace(max(Instant(*p), now).Add(whole*Second + rest*Second/Duration(rate)))
}

// Full reports whether everything that was spent is earned.
func (p Pace) Full(now Instant) bool { return Instant(p) <= now }
