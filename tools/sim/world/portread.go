package world

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/recipe/steps"
	"github.com/leasehold/leasehold/client/session"
)

func isAny(err error, any ...error) bool {
	for _, e := range any {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Read goes as package client's does: from the cache, or from the master, and what comes may fill it.
func (p *port) Read(name string) ([]byte, uint64, error) {
	v, n := p.v, cell.Name(name)
	if found, ok := v.cache.Look(n); ok && !p.stopped && (found.Absent || found.HasContents) && v.u.now() < found.Until {
		if found.Absent {
			return nil, 0, fmt.Errorf("%w: %s", cell.ErrNotFound, name)
		}
		return found.Contents, found.Stat.ContentGeneration, nil
	}
	ticket := v.cache.Ticket()
	d, err := p.ask(&call.Read{Name: n, Cache: true})
	if err != nil {
		return nil, 0, err
	}
	is := d.Node
	if is.Cachable {
		v.fill(ticket, n, is)
	}
	if is.Absent {
		return nil, 0, fmt.Errorf("%w: %s", cell.ErrNotFound, name)
	}
	return is.Contents, is.Stat.ContentGeneration, nil
}

// List: see steps.Port.
func (p *port) List(name string) ([]string, error) {
	d, err := p.ask(&call.List{Name: cell.Name(name), Names: true})
	if err != nil {
		return nil, err
	}
	if d.List.Absent {
		return nil, fmt.Errorf("%w: %s", cell.ErrNotFound, name)
	}
	var names []string
	for _, s := range d.List.Children {
		names = append(names, s.Name.Base())
	}
	return names, nil
}

func (p *port) ask(q call.Ask) (r *call.QueryReply, err error) {
	over := false
	waited := p.wait(func() {
		p.v.last++
		p.v.asked[p.v.last] = func(d session.Done) {
			if r, err, over = d.Reply, d.Err, true; err == nil && d.Cancelled {
				err = cell.ErrClosed
			}
			p.wake()
		}
		p.v.push(session.Ask{ID: p.v.last, Ask: q})
	}, func() bool { return over })
	switch {
	case waited != nil:
		return nil, waited
	case err == nil && r.Code != 0:
		err = call.ErrorOf(r.Code, r.Message, nil, 0)
	}
	return r, err
}

// feed is a watch of an actor's, with what has come.
type feed struct {
	p      *port
	id     uint64
	events []call.Event
	err    error
}

// Watch: see steps.Port.
func (p *port) Watch(name string, scope steps.Scope) steps.Feed {
	f := &feed{p: p}
	if p.stopped {
		return f
	}
	p.v.last++
	f.id = p.v.last
	p.v.feeds[f.id] = f
	p.v.push(session.Watch{ID: f.id, Name: cell.Name(name), Children: scope == steps.WithChildren,
		Recursive: scope == steps.Recursive})
	return f
}

// take is what the session delivers.
func (f *feed) take(d session.Delivery) {
	if d.Err != nil {
		f.err = d.Err
		delete(f.p.v.feeds, f.id)
	} else {
		f.events = append(f.events, d.Event)
	}
	f.p.wake()
}

// come says that there is something to be had without waiting.
func (f *feed) come() bool { return len(f.events) > 0 || f.err != nil }

// Next: see steps.Feed.
func (f *feed) Next() (call.Event, error) {
	if err := f.p.wait(func() {}, f.come); err != nil {
		return call.Event{}, err
	}
	e, ok, err := f.Poll()
	cell.Assert(ok || err != nil, "nothing has come")
	return e, err
}

// Poll: see steps.Feed.
func (f *feed) Poll() (call.Event, bool, error) {
	switch {
	case f.p.stopped:
		return call.Event{}, false, errStopped
	case len(f.events) > 0:
		e := f.events[0]
		f.events = f.events[1:]
		return e, true, nil
	}
	return call.Event{}, false, f.err
}

// Stop: see steps.Feed.
func (f *feed) Stop() {
	if _, on := f.p.v.feeds[f.id]; on && !f.p.stopped {
		f.p.v.push(session.Unwatch{ID: f.id})
		delete(f.p.v.feeds, f.id)
	}
}
