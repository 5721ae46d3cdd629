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
	closed bool
}

// How many inputs wait before a reader does: that bounds the memory which a burst takes. Clients
// stop long before peers; the disk and the host itself never do.
const (
	mostOfClients = 16 << 10
	mostOfPeers   = 64 << 10
)

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

// offer waits while most are there. It reports whether the host still runs.
func (b *inbox) offer(in replica.Input, most int) bool {
	b.mu.Lock()
	for len(b.fill) >= most && !b.closed {
		b.room.Wait()
	}
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

// drain gives everything that waits and takes spare to be filled next.
func (b *inbox) drain(spare []replica.Input) []replica.Input {
	clear(spare)
	b.mu.Lock()
	in := b.fill
	b.fill = spare[:0]
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
