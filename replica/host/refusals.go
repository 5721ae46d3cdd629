package host

import (
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// refusals says of bad visitors at most one line a second, with how many were not said (B1).
type refusals struct {
	mu     sync.Mutex
	next   time.Time
	unsaid int
}

func (r *refusals) say(log *logrus.Entry, text string) {
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
		log.Warnf("%s (and %d others not shown)", text, unsaid)
		return
	}
	log.Warn(text)
}
