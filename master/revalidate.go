package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// revalidate says which entries of a session's cache, which it has set aside, still hold. For each
// the session is registered as cacher before the entry is compared (C6), so that it is told of
// whatever changes it from here on. A claim that does not hold leaves the registration: its client
// is about to read the name anew, and else acknowledges one invalidation more. What is in another cell,
// or may not be read any more, holds no more.
func (m *Master) revalidate(principal string, l *session.Live, a *call.Revalidate) (*call.RevalidateReply, error) {
	if l == nil {
		return nil, fmt.Errorf("%w: a cache belongs to a session", cell.ErrUsage)
	}
	r := &call.RevalidateReply{Kept: make([]bool, len(a.Claims))}
	if !l.Caching || l.Closing {
		m.wantCaching(l)
		return r, nil
	}
	r.Incarnation, _ = m.dir.Caches(m.at.Now, l.ID)
	for i := range a.Claims {
		c := &a.Claims[i]
		if on := m.tree.Deepest(c.Name); on != "" && m.tree.Permit(principal, &call.Read{Name: c.Name}) == nil {
			_, registered := m.cachable(l, true, c.Name, on)
			r.Kept[i] = registered && m.agrees(c, on)
		}
	}
	return r, nil
}

// agrees compares a claim with the tree; on is the deepest node at or above its name.
func (m *Master) agrees(c *call.Claim, on cell.Name) bool {
	if c.Instance == 0 {
		return c.Ancestor == on
	}
	stat, _, ok := m.tree.Get(c.Name)
	switch {
	case !ok || stat.Instance != c.Instance:
		return false
	case c.Node && (stat.Zxid != c.Zxid || stat.Checksum != c.Checksum):
		return false
	}
	return !c.Node && !c.List || stat.ChildrenGeneration == c.ChildrenGeneration
}
