package session

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// subs are the session's watches.
type subs struct {
	last  uint64 // the newest wire id
	items []*subscription
}

// subscription is one watch. It has a new wire id each time it begins anew, so that what was
// meant for its former life is known.
type subscription struct {
	in      Watch
	wire    uint64
	told    bool      // something was delivered since it began, or began anew
	synced  bool      // the first state is complete
	shown   cell.Zxid // the newest that the first state has shown
	seen    cell.Zxid // of the last change delivered, or of synced
	seenNow int       // how many changes of that zxid were delivered; 0: all there are
	skip    int       // how many of that zxid come again after a resume
}

func (m *Machine) watch(in Watch) {
	if m.state == Expired || m.state == Closed {
		m.out.Events = append(m.out.Events, Delivery{Watch: in.ID, Err: m.err})
		return
	}
	w := &subscription{in: in}
	m.subs.items = append(m.subs.items, w)
	m.subscribe(w)
}

func (m *Machine) subscribe(w *subscription) {
	m.subs.last++
	w.wire, w.skip = m.subs.last, 0
	from := cell.Zxid(0)
	if w.synced && w.seen < w.shown { // what lies between would come again, older than what was shown
		w.begin()
	}
	switch {
	case w.synced && w.seenNow > 0: // a transaction's changes may have come in part
		from, w.skip = w.seen-1, w.seenNow
	case w.synced:
		from = w.seen
	case w.told:
		m.deliver(w, call.Event{Kind: call.EventResync, Name: w.in.Name})
	}
	m.asks.items = append(m.asks.items, &query{watch: w, ask: &call.Watch{ID: w.wire, Name: w.in.Name,
		Children: w.in.Children, Recursive: w.in.Recursive, Locks: w.in.Locks, From: from}})
}

// begin forgets how far the watch has come: it begins anew.
func (w *subscription) begin() { w.synced, w.shown, w.seen, w.seenNow, w.skip = false, 0, 0, 0, 0 }

// resubscribe: a new stream knows of no watches. They are asked for before anything else, so that
// what happened meanwhile is told before it is shown by an answer (C9).
func (m *Machine) resubscribe() {
	others := m.asks.items
	m.asks.items = nil
	for _, w := range m.subs.items {
		m.subscribe(w)
	}
	m.asks.items = append(m.asks.items, others...)
}

func (m *Machine) watchAnswered(w *subscription, err error) {
	if err != nil && m.subOf(w.in.ID) == w {
		m.out.Events = append(m.out.Events, Delivery{Watch: w.in.ID, Err: err})
		m.subs.items = slices.DeleteFunc(m.subs.items, func(x *subscription) bool { return x == w })
	}
}

func (m *Machine) subOf(id uint64) *subscription {
	for _, w := range m.subs.items {
		if w.in.ID == id {
			return w
		}
	}
	return nil
}

func (m *Machine) events(e *call.Events) {
	i := slices.IndexFunc(m.subs.items, func(w *subscription) bool { return w.wire == e.Watch })
	if i < 0 || !m.ours(e.Epoch, e.Stream) {
		return
	}
	for _, event := range e.Events {
		m.event(m.subs.items[i], event)
	}
}

// event delivers one, and remembers where to go on from.
func (m *Machine) event(w *subscription, e call.Event) {
	switch e.Kind {
	case call.EventCurrent:
		w.shown = max(w.shown, e.Zxid)
	case call.EventResync:
		w.begin()
	case call.EventSynced:
		w.synced, w.seen, w.seenNow = true, e.Zxid, 0
	default:
		if w.skip > 0 && e.Zxid == w.seen {
			w.skip--
			return
		}
		if e.Zxid < w.seen || (e.Zxid == w.seen && w.seenNow == 0) {
			return // it came before
		}
		if e.Zxid > w.seen {
			w.seen, w.seenNow = e.Zxid, 0
		}
		w.seenNow++
		w.skip = 0
	}
	m.deliver(w, e)
}

func (m *Machine) deliver(w *subscription, e call.Event) {
	w.told = e.Kind != call.EventResync
	m.out.Events = append(m.out.Events, Delivery{Watch: w.in.ID, Event: e})
}

func (m *Machine) unwatch(id uint64) {
	w := m.subOf(id)
	if w == nil {
		return
	}
	m.drop(w)
	m.subs.items = slices.DeleteFunc(m.subs.items, func(x *subscription) bool { return x == w })
}

// drop takes back what asks for w, and tells the master if it may know of it.
func (m *Machine) drop(w *subscription) {
	unsent := false
	m.asks.items = slices.DeleteFunc(m.asks.items, func(q *query) bool {
		unsent = unsent || (q.watch == w && q.number == 0)
		return q.watch == w
	})
	if m.attached() && !unsent {
		m.asks.items = append(m.asks.items, &query{ask: &call.Unwatch{ID: w.wire}})
	}
}

// fell: the reader was too slow, and its queue was emptied.
func (m *Machine) fell(id uint64) {
	w := m.subOf(id)
	if w == nil {
		return
	}
	m.drop(w)
	w.begin()
	w.told = true
	m.subscribe(w)
}

func (m *Machine) failWatches(why error) {
	for _, w := range m.subs.items {
		m.out.Events = append(m.out.Events, Delivery{Watch: w.in.ID, Err: why})
	}
	m.subs.items = nil
}
