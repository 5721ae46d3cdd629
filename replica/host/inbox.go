package host

import (
	"sync"

	"github.com/leasehold/leasehold/replica"
)

// inbox is where readers leave inputs for the loop. Two slices change places, so that nothing
// is allocated once they have grown.
type inbox struct {
	mu     sync.Mutex
	room   sync.Cond
	fill   []replica.Input
	ready  chan struct{} // holds one token while fill is not empty
	bytes  int           // that clients' messages in fill came in
	drains uint64        // how often it was emptied
	closed bool
}

// How many inputs wait before a reader does: that bounds the memory which a burst takes. Clients
// stop long before peers; the disk and the host itself never do.
const (
	mostOfClients = 16 << 10
	mostOfPeers   = 64 << 10

	// mostOfStream is how many inputs of one stream a turn of the loop takes: who floods waits for the
	// next one, and nobody waits long behind him (B3).
	mostOfStream = 256

	// mostBytes of clients' messages may wait; one more waits with its reader.
	mostBytes = 64 << 20
)

// turnOf counts what a stream has in the inbox: count inputs since the drain of that number. Nil counts
// nothing.
type turnOf struct {
	drain uint64
	count int
}

func (t *turnOf) full(drain uint64) bool {
	return t != nil && t.drain == drain && t.count >= mostOfStream
}

func (t *turnOf) add(drain uint64) {
	if t == nil {
		return
	}
	if t.drain != drain {
		*t = turnOf{drain: drain}
	}
	t.count++
}

func newInbox() *inbox {
	b := &inbox{ready: make(chan struct{}, 1)}
	b.room.L = &b.mu
	return b
}

// put never waits: the disk and the host itself.
func (b *inbox) put(in ...replica.Input) {
	b.mu.Lock()
	b.fill = append(b.fill, in...)
	b.mu.Unlock()
	b.signal()
}

// offer waits while most are there, or, unless of is nil, too many of the same stream. It reports whether
// the host still runs.
func (b *inbox) offer(in replica.Input, most int, of *turnOf) bool {
	return b.offerBytes(in, 0, most, of)
}

// offerBytes is offer of what came in so many bytes: it waits while there are too many of those, too.
func (b *inbox) offerBytes(in replica.Input, bytes, most int, of *turnOf) bool {
	b.mu.Lock()
	for (len(b.fill) >= most || b.bytes > 0 && b.bytes+bytes > mostBytes || of.full(b.drains)) && !b.closed {
		b.room.Wait()
	}
	b.bytes += bytes
	of.add(b.drains)
	open := !b.closed
	if open {
		b.fill = append(b.fill, in)
	}
	b.mu.Unlock()
	b.signal()
	return open
}

func (b *inbox) signal() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

// drain gives everything that waits and takes spare to be filled next. It takes the token of what has come
// since the loop took the last: a turn for nothing, while the disk goroutine has the processor in a sync, would
// cost the wake of another thread.
func (b *inbox) drain(spare []replica.Input) []replica.Input {
	clear(spare)
	b.mu.Lock()
	select {
	case <-b.ready:
	default:
	}
	in := b.fill
	b.fill = spare[:0]
	b.bytes = 0
	b.drains++
	b.mu.Unlock()
	b.room.Broadcast()
	return in
}

func (b *inbox) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.room.Broadcast()
	b.signal()
}
