package conn

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// shared is the memory that all connections of a Listener divide: who is many has no more of it than
// who is one.
type shared struct {
	outboxes atomic.Int64 // what waits in the large ones, in chunks

	most     int // of what arrives
	mu       sync.Mutex
	arriving int       // what the buffers of begun large frames hold
	order    list.List // of arrival, the frame that was begun first in front
}

// arrival is a large frame that has begun to come on a stream.
type arrival struct {
	stream *Stream
	bytes  int
}

func newShared(o Options) *shared { return &shared{most: max(o.Arriving, 2*o.FrameLimit)} }

// holds is told what a stream's begun frame takes: 0 when it has been read, or never will be. While all
// of them take too much the one that was begun first gives way, with its connection: an honest one
// is read in no time, and who only begins keeps nobody out.
func (x *shared) holds(s *Stream, bytes int) {
	for _, oldest := range x.hold(s, bytes) {
		oldest.conn.fail(ErrHoards)
	}
}

func (x *shared) hold(s *Stream, bytes int) (giveWay []*Stream) {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case bytes == 0:
		x.forget(s)
		return nil
	case s.arrival == nil:
		s.arrival = x.order.PushBack(&arrival{stream: s})
	}
	a := s.arrival.Value.(*arrival)
	x.arriving += bytes - a.bytes
	a.bytes = bytes
	for x.arriving > x.most {
		oldest := x.order.Front().Value.(*arrival).stream
		x.forget(oldest)
		giveWay = append(giveWay, oldest)
	}
	return giveWay
}

// forget is called with mu held.
func (x *shared) forget(s *Stream) {
	if s.arrival != nil {
		x.arriving -= x.order.Remove(s.arrival).(*arrival).bytes
		s.arrival = nil
	}
}

// share is what one outbox may hold: as much as all of them leave free, but never less than the large
// ones begin with. Many that are not read bound each other, and leave the others room.
func (x *shared) share(o Options) int {
	if x == nil || o.Outboxes == 0 {
		return o.OutboxBytes
	}
	return min(o.OutboxBytes, max(leastOutbox, o.Outboxes-int(x.outboxes.Load())))
}
