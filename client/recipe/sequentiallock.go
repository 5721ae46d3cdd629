package recipe

import (
	"context"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client"
)

// SequentialLock is ZooKeeper's lock recipe: who wants the lock makes a sequential ephemeral node
// and waits for the one before it; for a shared lock, for the last writer before it. It is here for
// those who port code.
//
// Session.Lock is better: the queue is the cell's own, a hand-over is one commit and one message
// instead of two commits and a list read again, a hold rides out an outage by its lock-delay, and
// cellctl locks shows who waits. What this recipe adds to ZooKeeper's is an honest loss: the hold's
// Context ends before anybody else can have the lock, and there is a sequencer. No herd: one waiter
// wakes for each end of an exclusive hold, or all readers up to the next writer.
type SequentialLock struct {
	s    *client.Session
	name string
}

// NewSequentialLock speaks of the lock whose queue is below name. It touches no network.
func NewSequentialLock(s *client.Session, name string) *SequentialLock {
	return &SequentialLock{s, name}
}

// What the names of the nodes begin with; the number follows.
const (
	writer = "write-"
	reader = "read-"
)

// SequentialHold is the lock being held.
type SequentialHold struct{ place *place }

// Lock waits for the lock. When ctx ends nothing is held, and the node in the queue goes.
func (l *SequentialLock) Lock(ctx context.Context) (*SequentialHold, error) {
	return l.take(ctx, writer)
}

// RLock waits for the lock beside other shared holders. Those who came before a writer hold
// together, those who came after wait for it.
func (l *SequentialLock) RLock(ctx context.Context) (*SequentialHold, error) {
	return l.take(ctx, reader)
}

func (l *SequentialLock) take(ctx context.Context, kind string) (*SequentialHold, error) {
	p, err := takePlace(ctx, l.s, l.name+"/"+kind, nil, client.Sequential())
	if err != nil {
		return nil, err
	}
	waiting, cancel := p.hold.Bind(ctx)
	defer cancel()
	if err := l.await(waiting, cell.Name(p.node.Name()).Base()); err != nil {
		last, cancel := parting(ctx)
		defer cancel()
		_ = p.leave(last) // who waits for us must not wait for our session's end
		return nil, err
	}
	return &SequentialHold{p}, nil
}

// await waits until nobody is before us.
func (l *SequentialLock) await(ctx context.Context, self string) error {
	for {
		stats, err := l.s.List(ctx, l.name)
		if err != nil {
			return err
		}
		names := make([]string, len(stats))
		for i, st := range stats {
			names[i] = st.Name.Base()
		}
		before := predecessor(names, self)
		if before == "" {
			return nil
		}
		if err := gone(ctx, l.s, l.name+"/"+before); err != nil {
			return err
		}
	}
}

// predecessor is whom self waits for: the last one before it, or for a reader the last writer
// before it; "" if there is none.
func predecessor(names []string, self string) string {
	best := ""
	for _, name := range names {
		waits := strings.HasPrefix(self, writer) || strings.HasPrefix(name, writer)
		if waits && number(name) != "" && number(name) < number(self) && (best == "" || number(name) > number(best)) {
			best = name
		}
	}
	return best
}

// number is the part of a sequential name that the cell has given; "" if it is none.
func number(name string) string {
	if at := len(name) - call.SequenceDigits; at > 0 && slices.Contains([]string{writer, reader}, name[:at]) {
		return name[at:]
	}
	return ""
}

// Context ends before anybody else can get the lock.
func (h *SequentialHold) Context() context.Context { return h.place.context() }

// Sequencer proves the hold, to who asks the cell. Its token is that of our coming, not of the
// grant: a resource that keeps the highest token it has seen wants Session.Lock.
func (h *SequentialHold) Sequencer() cell.Sequencer { return h.place.hold.Sequencer() }

// Unlock gives the lock back.
func (h *SequentialHold) Unlock(ctx context.Context) error { return h.place.leave(ctx) }
