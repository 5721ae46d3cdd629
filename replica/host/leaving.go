package host

import (
	"slices"

	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/lease"
)

// leaving are the streams on which the loop has queued something. What a turn has to say leaves
// together at its end; what nobody waits for (the news that something is committed: the master has
// answered by then) waits a moment for company, and saves a write, and a turn of each follower.
type leaving struct {
	now  []*conn.Stream
	soon []*conn.Stream
	by   lease.Instant // when soon leaves at the latest
}

// newsLingers is how long what may wait does.
const newsLingers = 2 * lease.Millisecond

func (l *leaving) said(s *conn.Stream) {
	if n := len(l.now); n == 0 || l.now[n-1] != s {
		l.now = append(l.now, s)
	}
}

// news is said for what may wait.
func (l *leaving) news(s *conn.Stream, now lease.Instant) {
	if len(l.soon) == 0 {
		l.by = now.Add(newsLingers)
	}
	if !slices.Contains(l.soon, s) {
		l.soon = append(l.soon, s)
	}
}

// flush ends a turn.
func (l *leaving) flush(now lease.Instant) {
	l.now = flush(l.now)
	if now >= l.by {
		l.soon = flush(l.soon)
	}
}

// wake is when flush has something to do; lease.Never when nothing waits.
func (l *leaving) wake() lease.Instant {
	if len(l.soon) == 0 {
		return lease.Never
	}
	return l.by
}

func flush(streams []*conn.Stream) []*conn.Stream {
	for _, s := range streams {
		s.Flush()
	}
	clear(streams)
	return streams[:0]
}
