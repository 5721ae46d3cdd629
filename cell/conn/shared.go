package conn

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"
)

// shared is the memory that all connections of a Listener divide: who is many has no more of it than
// who is one.
type shared struct {
	outboxes atomic.Int64 // what waits in the large ones, in chunks

	most     int           // of what arrives; 0: no bound
	roomier  chan struct{} // holds a token when there may be room for more
	mu       sync.Mutex
	arriving int       // of begun large frames
	order    list.List // of arrival, the frame that was begun first in front
}

// arrival is a large frame that has begun to come on a stream.
type arrival struct {
	stream *Stream
	bytes  int
	since  time.Time
}

func newShared(o Options) *shared {
	x := &shared{roomier: make(chan struct{}, 1)}
	if o.Arriving > 0 {
		x.most = max(o.Arriving, timesHeld*o.FrameLimit)
	}
	return x
}

// holds makes room for a stream's begun frame of so many bytes, and lets go of it when they are 0. A frame
// waits for room like a connection does (see awaitRoom): the one that was begun first gives way,
// with its connection, but has a moment. What is honest is read in no time, and who only begins frames
// keeps nobody out.
func (x *shared) holds(s *Stream, bytes int) {
	if x.most == 0 {
		return
	}
	for {
		oldest, wait := x.hold(s, bytes*timesHeld)
		if wait <= 0 && oldest == nil {
			return
		}
		if oldest != nil {
			oldest.conn.fail(ErrHoards)
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-x.roomier:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// hold books a frame, or names the one that has to give way to it, or for how long to wait.
func (x *shared) hold(s *Stream, bytes int) (oldest *Stream, wait time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.forget(s)
	switch {
	case bytes == 0:
	case x.arriving+bytes <= x.most:
		s.arrival = x.order.PushBack(&arrival{stream: s, bytes: bytes, since: time.Now()})
		x.arriving += bytes
	default:
		first := x.order.Front().Value.(*arrival)
		if wait = moment - time.Since(first.since); wait <= 0 {
			oldest = first.stream
			x.forget(oldest)
		}
		return oldest, wait
	}
	if x.arriving < x.most {
		x.tell()
	}
	return nil, 0
}

// forget is called with mu held.
func (x *shared) forget(s *Stream) {
	if s.arrival != nil {
		x.arriving -= x.order.Remove(s.arrival).(*arrival).bytes
		s.arrival = nil
		x.tell()
	}
}

func (x *shared) tell() {
	select {
	case x.roomier <- struct{}{}:
	default:
	}
}

// share is what one outbox may hold: as much as all of them leave free, but never less than the large
// ones begin with. Many that are not read bound each other, and leave the others room.
func (x *shared) share(o *Options) int {
	if x == nil || o.Outboxes == 0 {
		return o.OutboxBytes
	}
	return min(o.OutboxBytes, max(leastOutbox, o.Outboxes-int(x.outboxes.Load())))
}
