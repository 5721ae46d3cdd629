package world

import (
	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// The node that everybody makes numbered children of, and how many there are about.
const (
	queueName  = cell.Name("/ls/local/queue")
	mostQueued = 20
)

// queued makes a numbered child, or deletes one of anybody's.
func (v *visit) queued() {
	c := v.u.cell
	there := c.queue.There()
	if len(there) < mostQueued && (len(there) == 0 || c.loop.Chance(500_000)) {
		op := &call.Create{Name: string(queueName) + "/", Sequential: true, Parents: true}
		v.mutate(op, func(d session.Done) {
			if d.Err == nil {
				c.queue.Made(d.Result.Stat.Name)
			}
		})
		return
	}
	name := there[c.loop.Below(len(there))]
	c.queue.Leaving(name)
	v.mutate(&call.Delete{Name: name}, func(d session.Done) {
		if d.Err == nil {
			c.queue.Gone(name)
		}
	})
}

// list reads the children as package client does: from the cache, or from the master, and what
// comes may fill the cache.
func (v *visit) list() {
	l := v.u.cell.queue.Begin(int(v.u.node))
	found, ok := v.cache.Look(queueName)
	ok = ok && !v.loop().Chance(300_000)
	v.pause(func() {
		if !ok || !found.Absent && !found.HasChildren || v.u.now() >= found.Until {
			v.askList(l.End)
			return
		}
		v.u.cell.counters.Lists++
		var names []cell.Name
		for _, k := range found.Children {
			names = append(names, k.Name)
		}
		l.End(names, "cached")
	})
}

func (v *visit) askList(end func([]cell.Name, string)) {
	v.last++
	v.busy++
	ticket := v.cache.Ticket()
	v.asked[v.last] = func(d session.Done) {
		v.busy--
		if d.Err != nil || d.Reply == nil || d.Reply.Code != 0 || d.Reply.List == nil || d.Reply.List.More {
			return
		}
		r := d.Reply.List
		var names []cell.Name
		var kids []cache.Child
		for _, s := range r.Children {
			names = append(names, s.Name)
			kids = append(kids, cache.Child{Name: s.Name, Instance: s.Instance})
		}
		switch {
		case !r.Cachable:
		case r.Absent:
			v.cache.FillAbsent(ticket, r.Incarnation, queueName, r.Ancestor)
		default:
			v.cache.FillChildren(ticket, r.Incarnation, r.Parent, kids)
		}
		end(names, "asked for")
	}
	v.push(session.Ask{ID: v.last, Ask: &call.List{Name: queueName, Names: true, Cache: true}})
}
