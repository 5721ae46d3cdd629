package conn

import (
	"encoding/binary"
	"time"
)

// Who has fallen silent, or takes no bytes, is found by looking at all connections from time to time.
// A deadline of the runtime's for each of thousands, moved with whatever comes, would stand among its
// timers: then setting any timer costs a walk over all of them.

// lookEvery is how often a Listener looks at its connections.
func (o Options) lookEvery() time.Duration { return o.Timeout / 4 }

// overdue is why the connection has to end: nothing has come for too long, or what is being written
// has not left. nil when all is well, and when it has ended or is closing.
func (g *guard) overdue(now instant) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.over() != nil:
		return nil
	case now.since(g.heard) > g.conn.o.silence():
		return ErrIdle
	case g.writing && now.since(g.spoke) > g.conn.o.Timeout:
		return ErrStalled
	}
	return nil
}

// sweep looks at every connection of the listener, and sets itself up again.
func (l *Listener) sweep() {
	late, reasons := l.overdue(clock())
	for i, c := range late {
		c.fail(reasons[i])
	}
}

func (l *Listener) overdue(now instant) (late []*Conn, reasons []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil
	}
	for c := range l.open {
		if why := c.guard.overdue(now); why != nil {
			late, reasons = append(late, c), append(reasons, why)
		}
	}
	l.sweeper.Reset(l.o.lookEvery())
	return late, reasons
}

// tend is the same for one connection, at the side that dialed. That side pings when for a while
// nothing was said or nothing was heard: a sign of life for both. Where something is said and answered
// all the time, no ping is needed.
func (c *Conn) tend() {
	now := clock()
	if why := c.guard.overdue(now); why != nil {
		c.fail(why)
		return
	}
	wait, over := c.guard.quiet(now)
	if over {
		return
	}
	c.mu.Lock() // start has set it
	c.tending.Reset(min(wait, c.o.Timeout))
	c.mu.Unlock()
}

// quiet pings if it is time to, and gives how long it is until then. over: it has ended, or is closing.
func (g *guard) quiet(now instant) (wait time.Duration, over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over() != nil {
		return 0, true
	}
	if wait = g.conn.o.KeepAlive - now.since(min(g.heard, g.spoke)); wait > 0 {
		return wait, false
	}
	if g.waiting == nil && !g.writing { // else something is on its way
		g.gather(pingFrame[:])
	}
	return g.conn.o.Timeout, false
}

// pingFrame is a ping of number 0, which the other side's yamux answers. Ours does not mind an answer
// that nobody waits for.
var pingFrame = func() (h header) {
	h[1] = framePing
	binary.BigEndian.PutUint16(h[2:], flagSYN)
	return h
}()
