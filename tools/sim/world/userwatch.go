package world

import (
	"maps"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// watching is one subscription, with the checker that follows it.
type watching struct{ follower *check.Follower }

// subscribe watches something for as long as the session lives: one name, or a node with its
// children, or everything.
func (v *visit) subscribe() {
	if len(v.watches) > 0 {
		return
	}
	c := v.u.cell
	scope := check.Scope{Name: c.registerName()}
	switch d := c.loop.Below(4); {
	case d < 2 && principalOf(v.u.node) == guest: // what comes into sight and goes out of it is judged elsewhere
	case d == 0:
		scope = check.Scope{Name: "/ls/local", Recursive: true}
		c.counters.Recursive++
	case d == 1:
		scope = check.Scope{Name: "/ls/local", Children: true}
	case d == 2:
		scope.Name = queueName
	}
	v.last++
	v.watches[v.last] = &watching{check.NewFollower(c.court, int(v.u.node), c.feed, scope)}
	v.push(session.Watch{ID: v.last, Name: scope.Name, Children: scope.Children, Recursive: scope.Recursive})
}

// answered shows the watches that something is known as of z.
func (v *visit) answered(z cell.Zxid) {
	for _, id := range v.watchIDs() {
		v.watches[id].follower.Answer(z)
	}
}

func (v *visit) event(d session.Delivery) {
	if f := v.feeds[d.Watch]; f != nil {
		f.take(d)
		return
	}
	w := v.watches[d.Watch]
	if d.Err != nil {
		delete(v.watches, d.Watch) // the session is over, or closing: nobody watches any more
		return
	}
	if w == nil {
		return
	}
	if kept(d.Event.Name) && len(d.Event.Contents) > 0 { // what may have rotted is judged where it leaves
		d.Event.Contents = []byte(keptContents(d.Event.Name))
	}
	if w.follower.Event(d.Event) {
		v.u.cell.counters.Resyncs++
	}
}

// fall lets the reader of a watch fall behind: the watch begins anew.
func (v *visit) fall() {
	for _, id := range v.watchIDs() {
		v.push(session.Fell{ID: id})
	}
	for _, id := range slices.Sorted(maps.Keys(v.feeds)) {
		v.feeds[id].events = nil
		v.push(session.Fell{ID: id})
	}
}

func (v *visit) watchIDs() []uint64 {
	var ids []uint64
	for id := range v.watches {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// misled says who has not been told how a group or an election is in the end; "" when all have.
func (c *Cell) misled() string {
	if left := c.groups.Owes(); left != "" {
		return left
	}
	return c.recipes.Misled()
}

// untold says of which subscription of a connected session something is still to be delivered, and
// what; "" when there is none.
func (c *Cell) untold() string {
	for _, u := range c.users {
		if u.visit == nil || u.visit.machine.State() != session.Connected {
			continue
		}
		for _, id := range u.visit.watchIDs() {
			f := u.visit.watches[id].follower
			if e, owed := f.Owes(); owed {
				return u.name() + " was not told that " + string(e.Name) + " was " + e.Kind.String() + " at " + e.Zxid.String()
			}
			if !f.Synced() {
				return u.name() + " was not told what it asked for first"
			}
		}
	}
	return ""
}
