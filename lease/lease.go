package lease

import "fmt"

// Instant is a reading of one machine's own clock (CLOCK_BOOTTIME), in nanoseconds. It never
// crosses a wire or a disk. 0 is before every reading.
type Instant int64

// Duration is a length of time in nanoseconds; convertible to and from time.Duration.
type Duration int64

// Units of Duration.
const (
	Microsecond Duration = 1_000
	Millisecond          = 1_000 * Microsecond
	Second               = 1_000 * Millisecond
)

// Never is later than every deadline.
const Never Instant = 1<<63 - 1

// Add is the instant d after i; Never stays Never.
func (i Instant) Add(d Duration) Instant {
	if i == Never || (d > 0 && i > Never-Instant(d)) {
		return Never
	}
	return i + Instant(d)
}

// Sub is how long after j the instant i lies.
func (i Instant) Sub(j Instant) Duration { return Duration(i - j) }

// String shows milliseconds, for traces.
func (i Instant) String() string {
	if i == Never {
		return "never"
	}
	return fmt.Sprintf("@%d.%03dms", int64(i)/1e6, int64(i)/1e3%1000)
}

// String shows milliseconds, for traces.
func (d Duration) String() string { return fmt.Sprintf("%d.%03dms", int64(d)/1e6, int64(d)/1e3%1000) }

// Drift is the bound between any two clocks, in millionths: 10,000 is 1 %.
type Drift int64

// Shorten is the part of a promised length that its holder may count on: d/(1+drift), rounded
// down (L1).
func (r Drift) Shorten(d Duration) Duration {
	if d <= 0 {
		return 0
	}
	whole, rest := int64(d)/(1_000_000+int64(r)), int64(d)%(1_000_000+int64(r))
	return Duration(whole*1_000_000 + rest*1_000_000/(1_000_000+int64(r)))
}

// Claim is a promise as its holder sees it: what was promised, and when the request for it
// was sent by the holder's clock.
type Claim struct {
	Sent   Instant
	Length Duration // as the granter named it: how long it parked the request, and the lease
}

// Until is the holder's deadline: send + length/(1+drift) − margin (L1).
func (c Claim) Until(r Drift, margin Duration) Instant {
	return c.Sent.Add(r.Shorten(c.Length) - margin)
}

// Grant is a promise as its granter sees it.
type Grant struct {
	At     Instant
	Length Duration
}

// Until is when the granter is free again: the full length after it granted (L1).
func (g Grant) Until() Instant { return g.At.Add(g.Length) }

// companyPart is the part of a lease by which a renewal comes early for the sake of company, at most.
const companyPart = 64

// Renewal is when to renew the grant: when half of it is left, or earlier by a small part, never
// later. It is a multiple of that part: the renewals of many leases come at the same instants, for
// one waking of the granter, and their holders ask again together.
func (g Grant) Renewal() Instant {
	at, grid := g.Until().Add(-g.Length/2), Instant(g.Length/companyPart)
	if at <= 0 || at == Never || grid == 0 {
		return at
	}
	return at - at%grid
}
