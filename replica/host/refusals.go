package host

import (
	"sync"
	"time"
)

// refusals says of bad visitors at most one line a second, with how many were not said (B1).
type refusals struct {
	to     *lines
	mu     sync.Mutex
	next   time.Time
	unsaid int
}

func (r *refusals) say(text string) {
	r.mu.Lock()
	now := time.Now()
	if now.Before(r.next) {
		r.unsaid++
		r.mu.Unlock()
		return
	}
	unsaid := r.unsaid
	r.unsaid, r.next = 0, now.Add(time.Second)
	r.mu.Unlock()
	if unsaid > 0 {
		r.to.say("warn", "%s (and %d others not shown)", text, unsaid)
		return
	}
	r.to.say("warn", "%s", text)
}
