package master

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/session"
)

// account is what a principal has spent, on however many streams and sessions (B3).
type account struct {
	session.Pace
	streams int // that are open
}

// accounts are those of all who are here, and of who has gone with something unearned: opening and
// closing in a loop begins no new one.
type accounts struct {
	of    map[string]*account
	sweep int // how many make it worth to look for those that are over
}

// payer is who a stream's account belongs to: everybody who shows no certificate counts by his host.
func payer(principal, address string) string {
	if principal != cell.Anonymous && principal != "" {
		return principal
	}
	if i := strings.LastIndexByte(address, ':'); i > 0 {
		address = address[:i]
	}
	return "\x00" + address
}

func (a *accounts) open(now lease.Instant, who string) *account {
	x, ok := a.of[who]
	if !ok {
		if len(a.of) >= max(a.sweep, minSweep) {
			a.forget(now)
		}
		x = &account{}
		a.of[who] = x
	}
	x.streams++
	return x
}

// forget lets go of accounts that nobody has open and nothing stands in.
func (a *accounts) forget(now lease.Instant) {
	var over []string
	for who, x := range a.of { // sorted below
		if x.streams == 0 && x.Full(now) {
			over = append(over, who)
		}
	}
	slices.Sort(over)
	for _, who := range over {
		delete(a.of, who)
	}
	a.sweep = 2 * len(a.of)
}

// paced lets a request pass that costs so many asked-for things and bytes, or says when to come again.
// Who goes on nevertheless is not read from for a while: that costs him, and nobody else (B3).
func (m *Master) paced(s *stream, l *session.Live, asked, bytes int) error {
	own := &s.pace
	if l != nil {
		own = &l.Pace
	}
	if wait := max(own.Over(m.at.Now), s.account.Over(m.at.Now)); wait > 0 {
		m.deaf(s)
		return &cell.OverloadedError{RetryAfter: cell.Span(max(wait, lease.Millisecond))}
	}
	s.told = max(0, s.told-1)
	m.spend(s, own, asked, bytes)
	return nil
}

// costs counts what is never refused, and what turned out to be more than was asked for.
func (m *Master) costs(s *stream, l *session.Live, asked, bytes int) {
	own := &s.pace
	if l != nil {
		own = &l.Pace
	}
	if m.spend(s, own, asked, bytes); own.Over(m.at.Now) > 0 {
		m.deaf(s)
	}
}

func (m *Master) spend(s *stream, own *session.Pace, asked, bytes int) {
	limits := m.tree.Limits()
	own.Spend(m.at.Now, asked, limits.SessionRate, bytes, limits.SessionBytes)
	s.account.Spend(m.at.Now, asked, limits.PrincipalRate, bytes, limits.PrincipalBytes)
}

// deaf counts what comes from who was told to wait.
func (m *Master) deaf(s *stream) {
	if s.told++; s.told >= deafAfter {
		s.told = 0
		m.out.Pauses = append(m.out.Pauses, Pause{Stream: s.id, For: pause})
	}
}

// Weigh is about how many bytes an answer brings.
func Weigh(r *call.QueryReply) int {
	switch {
	case r.Node != nil:
		return len(r.Node.Contents)
	case r.List != nil:
		return rough * len(r.List.Children)
	case r.Locks != nil:
		return rough * len(r.Locks.Locks)
	case r.Sessions != nil:
		return rough * len(r.Sessions.Sessions)
	}
	return 0
}
