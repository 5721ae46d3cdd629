package conn

import "time"

// bucket allows a rate and a burst. The zero value is full.
type bucket struct{ spent instant }

// take reports whether one more is within perSecond, or within the burst that had been saved.
func (b *bucket) take(now instant, perSecond, burst int) bool {
	each := instant(time.Second) / instant(perSecond)
	b.spent = max(b.spent, now)
	if b.spent-now > each*instant(burst-1) {
		return false
	}
	b.spent += each
	return true
}
