package world

import (
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// watching is one subscription, with the checker that follows it.
type watching struct{ follower *check.Follower }

// subscribe watches one name for as long as the session lives.
func (v *visit) subscribe() {
	if len(v.watches) > 0 {
		return
	}
	v.last++
	name := v.u.cell.registerName()
	v.watches[v.last] = &watching{check.NewFollower(v.u.cell.court, int(v.u.node), string(name))}
	v.push(session.Watch{ID: v.last, Name: name})
}

func (v *visit) event(d session.Delivery) {
	w := v.watches[d.Watch]
	if w == nil || d.Err != nil {
		return
	}
	if w.follower.Event(d.Event) {
		v.u.cell.counters.Resyncs++
	}
}
