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

// askList asks the master, for the whole list or for small pages of it.
func (v *visit) askList(end func([]cell.Name, string)) {
	if v.loop().Chance(400_000) {
		v.askPages(&pages{most: 1 + v.loop().Below(8), tries: 3, end: end})
		return
	}
	ticket := v.cache.Ticket()
	v.askPage(call.List{Cache: true}, func(r *call.ListReply) {
		if r.More {
			return
		}
		var kids []cache.Child
		for _, s := range r.Children {
			kids = append(kids, cache.Child{Name: s.Name, Instance: s.Instance})
		}
		switch {
		case !r.Cachable:
		case r.Absent:
			v.cache.FillAbsent(ticket, r.Incarnation, queueName, r.Ancestor)
		default:
			v.cache.FillChildren(ticket, r.Incarnation, r.Parent, kids)
		}
		end(namesOf(r.Children), "asked for")
	})
}

// pages is a list that comes in several pages, as package client puts it together: where the child
// list changes between two of them it begins anew.
type pages struct {
	most  int
	tries int
	parts int
	first cell.Stat
	names []cell.Name
	end   func([]cell.Name, string)
}

func (v *visit) askPages(p *pages) {
	ask := call.List{Most: p.most}
	if p.parts > 0 {
		ask.After = p.names[len(p.names)-1].Base()
	}
	v.askPage(ask, func(r *call.ListReply) {
		if p.parts == 0 {
			p.first = r.Parent
		}
		if p.first.Instance != r.Parent.Instance || p.first.ChildrenGeneration != r.Parent.ChildrenGeneration {
			if p.tries--; p.tries > 0 {
				p.parts, p.names = 0, nil
				v.askPages(p)
			}
			return
		}
		p.parts++
		p.names = append(p.names, namesOf(r.Children)...)
		if r.More {
			v.askPages(p)
			return
		}
		if p.parts > 1 {
			v.u.cell.counters.Pages++
		}
		p.end(p.names, "asked for in pages")
	})
}

// askPage asks for one page; nothing comes of a refusal.
func (v *visit) askPage(ask call.List, then func(*call.ListReply)) {
	ask.Name, ask.Names = queueName, true
	v.last++
	v.busy++
	v.asked[v.last] = func(d session.Done) {
		v.busy--
		if d.Err == nil && d.Reply != nil && d.Reply.Code == 0 && d.Reply.List != nil {
			then(d.Reply.List)
		}
	}
	v.push(session.Ask{ID: v.last, Ask: &ask})
}

func namesOf(children []cell.Stat) []cell.Name {
	var names []cell.Name
	for _, s := range children {
		names = append(names, s.Name)
	}
	return names
}
