package world

import (
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// revalidate asks, a part at a time, whether what the cache has set aside still holds, as package
// client does.
func (v *visit) revalidate() {
	claims, ok := v.cache.Claims()
	if !ok {
		return
	}
	v.last++
	v.asked[v.last] = func(d session.Done) {
		var answer *call.RevalidateReply
		if d.Err == nil && d.Reply != nil {
			answer = d.Reply.Revalidate
		}
		before := v.cache.Counts().Revalidated
		v.cache.Readmit(claims, answer)
		v.u.cell.counters.Revalidated += int(v.cache.Counts().Revalidated - before)
		v.revalidate()
	}
	v.push(session.Ask{ID: v.last, Ask: &call.Revalidate{Claims: claims.All}})
}
