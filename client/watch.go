package client

import (
	"context"
	"iter"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// watchEvents is how many events may wait for the reader of one watch.
const watchEvents = 1024

// feed is the queue of one watch, between the session's loop and the reader. When the reader
// falls behind the bound, all that waits is dropped and the watch begins anew, with resync.
type feed struct {
	mu     sync.Mutex
	events []Event
	fell   bool  // everything is dropped until the resync comes
	err    error // the watch has ended, after events
	nudge  chan struct{}
}

// feedTable is the session's feeds, by the ID of their watch.
type feedTable struct {
	mu  sync.Mutex
	all map[uint64]*feed
}

func (t *feedTable) get(id uint64) *feed {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all[id]
}

func (t *feedTable) failAll(why error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.all {
		f.fail(why)
	}
}

func (t *feedTable) push(s *Session, d session.Delivery) {
	f := t.get(d.Watch)
	s.c.horizon.saw(d.Event.Zxid)
	if d.Err == nil && d.Event.Kind == EventResync {
		s.resyncs.Add(1)
	}
	switch {
	case f == nil:
	case d.Err != nil:
		f.fail(d.Err)
	case !f.push(d.Event):
		s.c.cfg.Logger.Warn("a watch is not read fast enough: resync", "watch", d.Watch, "bound", watchEvents)
		s.put(item{in: session.Fell{ID: d.Watch}})
	}
}

// push gives one event to the reader; false when he has just fallen behind.
func (f *feed) push(e call.Event) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fell && e.Kind != call.EventResync {
		return true
	}
	if len(f.events) >= watchEvents {
		f.events, f.fell = nil, true
		return false
	}
	f.fell = false
	f.events = append(f.events,
		Event{Kind: e.Kind, Name: string(e.Name), Zxid: e.Zxid, Stat: e.Stat, Contents: e.Contents})
	f.wake()
	return true
}

func (f *feed) fail(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = why
		f.wake()
	}
}

func (f *feed) wake() {
	select {
	case f.nudge <- struct{}{}:
	default:
	}
}

func (f *feed) take() ([]Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	events := f.events
	f.events = nil
	return events, f.err
}

// Watch tells of every change of a name, through deletions and re-creations; the node need not
// exist. First come EventCurrent (if it exists) and EventSynced, then the changes in zxid order.
// EventResync means: forget what you had; EventCurrent … EventSynced follow. The loop ends by
// break, or with a last pair whose error says why (ctx's end, the session's).
func (s *Session) Watch(ctx context.Context, name string, o ...WatchOption) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		n, err := s.c.parse("watch", name)
		if err != nil {
			yield(Event{}, err)
			return
		}
		f, stop := s.subscribe(n, watchOf(o))
		defer stop()
		err = f.run(ctx, yield)
		if err != nil {
			yield(Event{}, opError("watch", name, NotApplied, err))
		}
	}
}

// Resyncs is how often a watch of this session had to begin anew, by EventResync: its reader fell
// behind, or it was behind by more than the master's history holds.
func (s *Session) Resyncs() uint64 { return s.resyncs.Load() }

// run yields until break (nil), or until the watch or ctx ends.
func (f *feed) run(ctx context.Context, yield func(Event, error) bool) error {
	for {
		events, err := f.take()
		for _, e := range events {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if !yield(e, nil) {
				return nil
			}
		}
		if err != nil {
			return err
		}
		select {
		case <-f.nudge:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Session) subscribe(n cell.Name, w watchSettings) (f *feed, stop func()) {
	f = &feed{nudge: make(chan struct{}, 1)}
	t := &s.feeds
	id := s.putWith(func(id uint64) item {
		t.mu.Lock()
		t.all[id] = f
		t.mu.Unlock()
		return item{in: session.Watch{ID: id, Name: n, Children: w.children, Recursive: w.recursive, Locks: w.locks}}
	})
	if id == 0 {
		f.fail(context.Cause(s.ctx))
		return f, func() {}
	}
	return f, func() {
		t.mu.Lock()
		delete(t.all, id)
		t.mu.Unlock()
		s.put(item{in: session.Unwatch{ID: id}})
	}
}
