package cache

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Claims are entries that were set aside, and are claimed to hold still. The session asks the
// master with All and hands the answer to Readmit.
type Claims struct {
	All    []call.Claim
	ticket Ticket
	life   uint64
}

// Claims gives the next entries to be revalidated, the most recently used first, as many as one
// question may carry. There are none while the last ones are not answered, nor before the cache
// may serve. Nothing that is set aside is served before the answer, however right it looks: only
// then does the master tell of its changes (C6).
func (c *Cache) Claims() (claims Claims, ok bool) {
	if c.asked || c.until == 0 || c.aside.Len() == 0 {
		return Claims{}, false
	}
	claims = Claims{ticket: c.Ticket(), life: c.life}
	bytes := 0
	for at := c.aside.Front(); at != nil; at = at.Next() {
		if len(claims.All) == call.MaxClaims || bytes >= call.MaxClaimBytes {
			break
		}
		e := at.Value.(*entry)
		claims.All = append(claims.All, e.claim())
		bytes += len(e.name)
	}
	c.asked = true
	return claims, true
}

func (e *entry) claim() call.Claim {
	f := &e.found
	if f.Absent {
		return call.Claim{Name: e.name, Ancestor: e.ancestor}
	}
	claim := call.Claim{Name: e.name, Instance: f.Instance}
	if f.HasChildren {
		claim.List, claim.ChildrenGeneration = true, f.Generation
	}
	if f.HasStat {
		claim.Node, claim.Zxid, claim.ChildrenGeneration = true, f.Stat.Zxid, f.Stat.ChildrenGeneration
		claim.Checksum = f.Stat.Checksum
	}
	return claim
}

// Readmit takes the answer to claims: what the master has confirmed and registered comes back into
// use, unless its name was hit meanwhile; the rest of them is forgotten. An answer to claims of
// before the last SetAside changes nothing. nil, or one without an incarnation, says that the
// session may cache nothing: all that is set aside is forgotten.
func (c *Cache) Readmit(claims Claims, answer *call.RevalidateReply) {
	if claims.life != c.life || c.off {
		return
	}
	c.asked = false
	if answer == nil || answer.Incarnation == 0 || len(answer.Kept) != len(claims.All) {
		c.forgetAside()
		return
	}
	for i := range claims.All {
		c.readmit(claims.All[i].Name, answer.Kept[i] && c.takes(claims.ticket, answer.Incarnation, claims.All[i].Name))
	}
}

// readmit ends the wait of one entry. One that was filled anew meanwhile needs nothing.
func (c *Cache) readmit(n cell.Name, kept bool) {
	e, ok := c.entries[n]
	switch {
	case !ok || e.life == c.life:
	case !kept:
		c.remove(e)
	default:
		c.aside.Remove(e.place)
		e.life, e.place = c.life, c.order.PushBack(e)
		c.counts.Revalidated++
	}
}
