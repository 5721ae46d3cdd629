package world

import (
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// TestNetworkConforms: the simulated network carries frames as the real one does, by the same suite,
// fast and slow.
func TestNetworkConforms(t *testing.T) {
	for name, rate := range map[string]True{"fast": 0, "1 Gbit/s": 125_000_000} {
		t.Run(name, func(t *testing.T) {
			seed := uint64(0)
			here := func(t *testing.T, body func(*testing.T)) { body(t) }
			conntest.Run(t, here, func(*testing.T) conntest.Line {
				seed++
				return newCarrier(seed, rate).line()
			})
		})
	}
}

// carrier is the simulated network behind the port of the suite: who waits for a frame lets time pass.
type carrier struct {
	mu      sync.Mutex
	loop    *Loop
	network *Network
	near    map[uint64]*carried // by link
	far     map[uint64]*carried
}

// carried is one end of a link.
type carried struct {
	*carrier
	at     Node
	link   uint64
	came   []Delivery
	ended  error
	closed bool
}

func newCarrier(seed uint64, rate True) *carrier {
	c := &carrier{loop: NewLoop(seed, nil), near: map[uint64]*carried{}, far: map[uint64]*carried{}}
	c.network = NewNetwork(c.loop)
	c.network.Rate[Client] = rate
	c.network.Waits[Client] = conn.ForClients().OutboxBytes
	c.network.Join(1, func(d Delivery) { c.deliver(1, c.near, d) })
	c.network.Join(2, func(d Delivery) { c.deliver(2, c.far, d) })
	return c
}

func (c *carrier) line() conntest.Line {
	o := conn.ForClients()
	return conntest.Line{Open: c.open, Break: c.reset, FrameLimit: o.FrameLimit, Overhead: wire.FrameOverhead,
		OutboxBytes: o.OutboxBytes}
}

func (c *carrier) deliver(at Node, ends map[uint64]*carried, d Delivery) {
	switch d.What {
	case Up:
		ends[d.Link] = &carried{carrier: c, at: at, link: d.Link}
	case Frame:
		ends[d.Link].came = append(ends[d.Link].came, d)
	case Down:
		ends[d.Link].ended = c.why(d.Link, at)
	}
}

// why a link is down at one end: it broke, or its own end was full, or the other end has closed it.
func (c *carrier) why(link uint64, at Node) error {
	l := c.network.links[link]
	switch side := l.side(at); {
	case l.over[side]:
		return cell.ErrOverloaded
	case l.lost[side]:
		return cell.ErrClosed
	}
	return io.EOF
}

func (c *carrier) open(t *testing.T) (dialed, accepted conntest.Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	had := len(c.near)
	c.network.Dial(1, 2, Client, 0)
	for len(c.near) == had || len(c.far) == had {
		require.True(t, c.loop.Next(c.loop.Now()+Second))
	}
	return c.near[c.network.last], c.far[c.network.last]
}

func (c *carrier) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.network.Links() {
		c.network.Reset(l)
	}
	for c.loop.Next(c.loop.Now() + Second) {
	}
}

func (e *carried) Send(kind uint8, body []byte) error { return e.send(e.network.Send, kind, body) }

func (e *carried) SendUrgent(kind uint8, body []byte) error {
	return e.send(e.network.Urgent, kind, body)
}

func (e *carried) send(by func(Node, uint64, uint8, []byte) error, kind uint8, body []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return by(e.at, e.link, kind, body)
}

func (e *carried) Recv() (uint8, []byte, error) {
	for {
		if d, err, ok := e.try(); ok {
			return d.Type, d.Body, err
		}
		runtime.Gosched() // somebody else may have something to send
	}
}

// try gives what has come, or the end; else it lets the next thing happen.
func (e *carried) try() (d Delivery, err error, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		return d, cell.ErrClosed, true
	case len(e.came) > 0:
		d, e.came = e.came[0], e.came[1:]
		return d, nil, true
	case e.ended != nil:
		return d, e.ended, true
	}
	e.loop.Next(e.loop.Now() + Millisecond)
	return d, nil, false
}

func (e *carried) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.network.Close(e.at, e.link)
	return nil
}
