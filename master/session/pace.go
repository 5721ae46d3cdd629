package session

import "github.com/leasehold/leasehold/lease"

// Pace bounds how much is asked for in a second, and how many bytes that moves (B3). The zero Pace is
// full.
type Pace struct{ asked, bytes lease.Pace }

// Over is for how long nothing may be asked for; 0: it may be now.
func (p *Pace) Over(now lease.Instant) lease.Duration {
	return max(p.asked.Over(now), p.bytes.Over(now))
}

// Spend takes so many requests of rate, and so many bytes of byteRate, both of a second.
func (p *Pace) Spend(now lease.Instant, asked, rate, bytes, byteRate int) {
	p.asked.Spend(now, asked, rate)
	p.bytes.Spend(now, bytes, byteRate)
}

// Full reports whether all that was spent is earned again.
func (p *Pace) Full(now lease.Instant) bool { return p.asked.Full(now) && p.bytes.Full(now) }
