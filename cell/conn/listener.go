package conn

import (
	"container/list"
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/leasehold/leasehold/cell"
)

// Listener accepts connections within its bounds: of all, and of those that have not yet sent a
// whole frame. Of these the oldest gives way to a new one, so that who says nothing keeps
// nobody out; but each has a moment first: when thousands come at once, as after a fail-over,
// what they said may not have been read yet.
type Listener struct {
	raw  net.Listener
	o    Options
	log  *logger
	mux  *yamux.Config
	tell func(*Conn)   // of each stream opened; nil: nobody
	end  chan struct{} // closed by Close

	shared  *shared
	roomier chan struct{} // holds a token when there may be fewer half-open ones

	mu      sync.Mutex
	open    map[*Conn]*list.Element // nil: established
	half    list.List               // of halfOpen, oldest first
	counts  Counts
	sweeper *time.Timer
	closed  bool
}

type halfOpen struct {
	conn  *Conn
	since time.Time
	timer *time.Timer
}

// Counts are a Listener's numbers: two that are now, and what happened since its start.
type Counts struct {
	Open, HalfOpen             int
	Accepted, Refused, Evicted uint64
}

// Listen listens on addr: host:port, port 0 for any free one.
func Listen(addr string, o Options) (*Listener, error) {
	o.checkListener()
	raw, err := o.network().Listen(addr)
	if err != nil {
		return nil, err
	}
	l := &Listener{
		raw: raw, o: o, log: &logger{hook: o.Log}, end: make(chan struct{}), open: map[*Conn]*list.Element{},
		roomier: make(chan struct{}, 1), shared: newShared(o),
	}
	l.mux = o.yamux(l.log)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweeper = time.AfterFunc(o.lookEvery(), l.sweep)
	return l, nil
}

// OnStream has f called for each stream that the other side of an accepted connection opens:
// AcceptStream gives it soon, or the connection's end. So nobody needs to wait for streams on
// each of thousands of connections. f is called by the connection's reader and must not wait.
// To be set before the first Accept.
func (l *Listener) OnStream(f func(*Conn)) { l.tell = f }

// Addr is where it listens.
func (l *Listener) Addr() net.Addr { return l.raw.Addr() }

// Accept waits for the next connection. It has said nothing yet: under TLS not even its
// handshake is done. The only error is cell.ErrClosed, after Close: what goes wrong while
// accepting (too many open files) is logged and tried again.
func (l *Listener) Accept() (*Conn, error) {
	pause := time.Duration(0)
	for {
		l.awaitRoom()
		raw, err := l.raw.Accept()
		if err == nil {
			pause = 0
			if c := l.admit(raw); c != nil {
				return c, nil
			}
			continue
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		if l.rest(pause) {
			return nil, cell.ErrClosed
		}
		l.log.log("warn", "accept failed", "error", err.Error(), "again_in", pause.String())
	}
}

// awaitRoom leaves connections in the socket's own queue until there is room among the half-open
// ones, or the oldest of those has had its moment.
func (l *Listener) awaitRoom() {
	for {
		wait := l.crowded()
		if wait <= 0 {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-l.roomier:
		case <-timer.C:
		case <-l.end:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// crowded is for how long nobody should be accepted.
func (l *Listener) crowded() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.half.Len() < l.o.HalfOpen {
		return 0
	}
	return moment - time.Since(l.half.Front().Value.(halfOpen).since)
}

// rest waits, unless Close comes first.
func (l *Listener) rest(pause time.Duration) (closed bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-l.end:
		return true
	case <-timer.C:
		return false
	}
}

// admit makes a connection of a socket, nil when there are too many.
func (l *Listener) admit(raw net.Conn) *Conn {
	l.o.prepare(raw)
	through := raw
	if l.o.TLS != nil {
		through = tls.Server(raw, l.o.TLS)
	}
	c := &Conn{o: &l.o, log: l.log, listener: l}
	c.guard = newGuard(through, raw, c)
	oldest, ok := l.add(c)
	if !ok {
		_ = raw.Close()
		l.log.log("warn", "connection refused", "remote", raw.RemoteAddr().String(), "reason", ErrTooManyConns.Error())
		return nil
	}
	if oldest != nil {
		oldest.fail(ErrEvicted)
	}
	c.start(yamux.Server, l.mux)
	return c
}

// add counts c in as half-open, and names the one that has to give way to it.
func (l *Listener) add(c *Conn) (oldest *Conn, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.open) >= l.o.MaxConns {
		l.counts.Refused++
		return nil, false
	}
	if l.half.Len() >= l.o.HalfOpen {
		l.counts.Evicted++
		oldest = l.half.Front().Value.(halfOpen).conn
		l.settle(oldest)
	}
	timer := time.AfterFunc(l.o.HalfOpenTime, func() { c.fail(ErrHalfOpen) })
	l.open[c] = l.half.PushBack(halfOpen{c, time.Now(), timer})
	l.counts.Accepted++
	return oldest, true
}

// established takes c out of the half-open.
func (l *Listener) established(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle(c)
}

// settle is called with mu held.
func (l *Listener) settle(c *Conn) {
	if e := l.open[c]; e != nil {
		l.half.Remove(e).(halfOpen).timer.Stop()
		l.open[c] = nil
		select {
		case l.roomier <- struct{}{}:
		default:
		}
	}
}

// remove forgets a connection that has ended.
func (l *Listener) remove(c *Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settle(c)
	delete(l.open, c)
}

// Counts gives the numbers for metrics.
func (l *Listener) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := l.counts
	counts.Open, counts.HalfOpen = len(l.open), l.half.Len()
	return counts
}

// Close stops the accepting and ends every connection that was accepted.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.end)
	l.sweeper.Stop()
	var open []*Conn
	for c := range l.open {
		open = append(open, c)
	}
	l.mu.Unlock()
	err := l.raw.Close()
	for _, c := range open {
		_ = c.guard.Close()
	}
	return err
}
