package master

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
)

// Meter paces what a replica answers by itself, as a master paces what it answers (B3): each stream
// and each principal, at each replica for itself.
type Meter struct {
	accounts accounts
	streams  map[uint64]*metered
}

type metered struct {
	account *account
	pace    session.Pace
	told    int // requests that came although it was to wait, less those that did not
}

// NewMeter has counted nothing yet.
func NewMeter() *Meter {
	return &Meter{accounts: accounts{of: map[string]*account{}}, streams: map[uint64]*metered{}}
}

// Opened begins to count for a stream, and Closed ends it.
func (m *Meter) Opened(now lease.Instant, stream uint64, principal, address string) {
	m.streams[stream] = &metered{account: m.accounts.open(now, payer(principal, address))}
}

// Closed may be said of streams that were never opened.
func (m *Meter) Closed(stream uint64) {
	if s, ok := m.streams[stream]; ok {
		s.account.streams--
		delete(m.streams, stream)
	}
}

// Ask lets a question pass, and counts it; or says when to come again, and whether nothing of the stream
// should be read for a while: it goes on nevertheless.
func (m *Meter) Ask(now lease.Instant, stream uint64, by cell.Limits) (wait lease.Duration, deaf *Pause) {
	s := m.streams[stream]
	if wait = max(s.pace.Over(now), s.account.Over(now)); wait == 0 {
		s.told = max(0, s.told-1)
		m.Costs(now, stream, 1, 0, by)
		return 0, nil
	}
	if s.told++; s.told >= deafAfter {
		s.told = 0
		deaf = &Pause{Stream: stream, For: pause}
	}
	return max(wait, lease.Millisecond), deaf
}

// Costs counts what is never refused, and what an answer brought.
func (m *Meter) Costs(now lease.Instant, stream uint64, asked, bytes int, by cell.Limits) {
	if s, ok := m.streams[stream]; ok {
		s.pace.Spend(now, asked, by.SessionRate, bytes, by.SessionBytes)
		s.account.Spend(now, asked, by.PrincipalRate, bytes, by.PrincipalBytes)
	}
}
