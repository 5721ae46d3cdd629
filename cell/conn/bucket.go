package conn

import "time"

// bucket allows a rate and a burst. The zero value is full.
type bucket struct{ spent time.Time }

// take reports whether one more is within perSecond, or within the burst that had been saved.
func (b *bucket) take(now time.Time, perSecond, burst int) bool {
	each := time.Second / time.Duration(perSecond)
	if b.spent.Before(now) {
		b.spent = now
	}
	if b.spent.Sub(now) > each*time.Duration(burst-1) {
		return false
	}
	b.spent = b.spent.Add(each)
	return true
}
