package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

func noSession() error { return fmt.Errorf("%w: a watch belongs to a session", cell.ErrUsage) }

// watch takes up a watch (C9): from the current state on, or from a zxid on.
func (m *Master) watch(principal string, l *session.Live, a *call.Watch) (*session.Watch, error) {
	if l == nil {
		return nil, noSession()
	}
	if err := m.inCell(a.Name); err != nil {
		return nil, err
	}
	m.watches.Remove(l.ID, a.ID)
	if most := m.tree.Limits().Watches; m.watches.Count(l.ID) >= most {
		return nil, &cell.LimitError{Limit: "watches", Most: most, Got: most + 1}
	}
	w := &session.Watch{Session: l.ID, ID: a.ID, Name: a.Name, Children: a.Children, Recursive: a.Recursive,
		Locks: a.Locks, Phase: session.Behind, From: a.From, Principal: principal}
	if a.From == 0 {
		m.beginWalk(w)
	}
	m.watches.Add(w)
	return w, nil
}

// beginWalk starts the current state of w from its first name.
func (m *Master) beginWalk(w *session.Watch) {
	w.Phase, w.From, w.After, w.Pending = session.First, m.tree.Mark().Zxid, "", nil
	w.Kept = 0
}

// resync says that w has missed changes; the current state follows.
func (m *Master) resync(w *session.Watch) {
	m.out.Resyncs++
	m.watches.Unsync(w)
	m.beginWalk(w)
	m.queue(w)
	m.sendEvents(w, []call.Event{{Kind: call.EventResync, Name: w.Name, Zxid: w.From}})
}

func (m *Master) keep(w *session.Watch, change call.Event) {
	if !w.Walked(change.Name) {
		return // the walk is still to come there
	}
	w.Kept += len(change.Contents)
	if len(w.Pending) >= m.tree.Limits().WatchEvents || w.Kept > maxKeptBytes {
		m.resync(w)
		return
	}
	w.Pending = append(w.Pending, change)
}

// feedWatches sends pieces of first states and of the past, so many in one Step (L8).
func (m *Master) feedWatches() {
	if !m.holds() {
		return
	}
	for pieces := 0; pieces < piecesPerStep && len(m.work) > 0; {
		w := m.work[0]
		m.work[0], m.work = nil, m.work[1:]
		w.Queued = false
		if m.watches.Has(w) { // else it has ended, and costs nothing
			m.feed(w)
			if l, ok := m.sessions.Get(w.Session); ok {
				m.answerBehind(l)
			}
			pieces++
		}
	}
	if len(m.work) == 0 {
		m.work = nil
	}
}

// feed sends the next piece of w, and queues it when there is more.
func (m *Master) feed(w *session.Watch) {
	if w.Phase == session.Behind {
		m.catchUp(w)
	} else if w.Phase == session.First {
		m.walk(w)
	}
	m.queue(w)
}

// queue sees to it that w is fed, as long as it is not synced.
func (m *Master) queue(w *session.Watch) {
	if w.Phase != session.Synced && !w.Queued {
		w.Queued = true
		m.work = append(m.work, w)
	}
}

// catchUp sends changes of the past from the tree's history.
func (m *Master) catchUp(w *session.Watch) {
	changes, ok := m.tree.Since(w.From, pieceNodes)
	if !ok || w.From > m.tree.Mark().Zxid {
		m.resync(w)
		return
	}
	var some []call.Event
	for i := range changes {
		c := &changes[i]
		shown, lost := m.shows(w, c)
		if lost || m.tree.OfACL(c) { // who could read what meanwhile is not known any more
			m.sendEvents(w, some)
			m.resync(w)
			return
		}
		if shown {
			some = append(some, c.Event)
		}
	}
	m.sendEvents(w, some)
	if len(changes) > 0 {
		w.From = changes[len(changes)-1].Zxid
	}
	if len(changes) < pieceNodes {
		m.watches.Sync(w)
	}
}

// walk sends a piece of the current state; after the last one synced, and what has changed
// meanwhile.
func (m *Master) walk(w *session.Watch) {
	nodes, more := m.piece(w)
	events := make([]call.Event, 0, len(nodes)+1)
	bytes := 0
	for i, n := range nodes {
		w.After = n.Stat.Name
		if !m.tree.Reads(w.Principal, w.After) {
			continue
		}
		events = append(events, call.Event{Kind: call.EventCurrent, Name: n.Stat.Name, Zxid: n.Stat.Zxid,
			Stat: n.Stat, Contents: n.Contents})
		if bytes += len(n.Contents); bytes > pieceBytes && i < len(nodes)-1 {
			more = true
			break
		}
	}
	if w.After == "" {
		w.After = w.Name // absent: changes of it count from here
	}
	if !more {
		synced := call.Event{Kind: call.EventSynced, Name: w.Name, Zxid: m.tree.Mark().Zxid}
		if len(w.Pending) > 0 {
			synced.Zxid = w.From // what follows is newer than this
		}
		events = append(append(events, synced), w.Pending...)
		m.watches.Sync(w)
		w.Pending = nil
	}
	m.sendEvents(w, events)
}

// sendEvents sends events of w, in frames of bounded size.
func (m *Master) sendEvents(w *session.Watch, events []call.Event) {
	l, ok := m.sessions.Get(w.Session)
	if !ok || l.Stream == 0 {
		return
	}
	for len(events) > 0 {
		n, bytes := 0, 0
		for n < len(events) && (n == 0 || bytes+len(events[n].Contents) <= pieceBytes) && n < pieceNodes {
			bytes += len(events[n].Contents)
			n++
		}
		m.send(l.Stream, &call.Events{Epoch: m.epoch, Stream: l.Number, Watch: w.ID, Events: events[:n:n]})
		events = events[n:]
	}
}
