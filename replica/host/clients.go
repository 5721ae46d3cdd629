package host

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/certs"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica"
)

// clients accepts the clients' connections: a reader for each stream, decoding as it reads. There
// may be thousands, idle most of the time: a reader has a goroutine while something comes.
type clients struct {
	host     *Host
	listener *conn.Listener
	wait     sync.WaitGroup
	mu       sync.Mutex
	last     uint64
	streams  map[uint64]*reader
	closed   bool
}

// reader is a stream that is being read from.
type reader struct {
	*conn.Stream
	id                 uint64
	address, principal string
	pause              atomic.Int64 // for how long nothing is to be read, in nanoseconds
	turn               turnOf
	again              func() // reads on after a rest
}

func newClients(h *Host, l *conn.Listener) *clients {
	c := &clients{host: h, listener: l, streams: map[uint64]*reader{}}
	l.OnStream(c.opened)
	return c
}

// run lets connections in; what they open comes by opened.
func (c *clients) run() {
	defer c.wait.Done()
	for {
		if _, err := c.listener.Accept(); err != nil {
			return
		}
	}
}

// opened is called by a connection's reader for each stream that it brings.
func (c *clients) opened(x *conn.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.wait.Add(1)
		go c.serve(x)
	}
}

func (c *clients) serve(x *conn.Conn) {
	s, err := x.AcceptStream()
	if err != nil {
		c.wait.Done()
		return
	}
	r := &reader{Stream: s, address: x.RemoteAddr().String()}
	r.again = func() { go c.read(r) }
	c.add(r)
	c.read(r)
}

func (c *clients) add(s *reader) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	s.id = c.last
	c.streams[s.id] = s
}

func (c *clients) forget(stream uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, stream)
}

func (c *clients) find(stream uint64) *reader {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams[stream]
}

// read takes what has come until there is nothing more for a while, or the stream has ended.
func (c *clients) read(s *reader) {
	for !s.Rest(s.again) {
		if !c.next(s) {
			c.over(s)
			return
		}
	}
}

// over is the end of a stream's life.
func (c *clients) over(s *reader) {
	c.forget(s.id)
	_ = s.Close()
	c.host.inbox.put(replica.ClientGone{Stream: s.id})
	c.wait.Done()
}

// next takes one frame: it becomes a message, or the stream's end (B1).
func (c *clients) next(s *reader) bool {
	if wait := s.pause.Swap(0); wait > 0 {
		time.Sleep(time.Duration(wait))
	}
	kind, body, err := s.Recv()
	if err != nil {
		if !errors.Is(err, io.EOF) && !errors.Is(err, cell.ErrClosed) {
			c.host.lines.say("debug", "client %s: %v", s.address, err)
		}
		return false
	}
	if s.principal == "" {
		s.principal = principalOf(s.Conn()) // known since a frame has come
	}
	m, err := call.Decode(kind, body)
	if err != nil {
		c.refuse(s.Stream, s.address, err)
		return false
	}
	return c.host.inbox.offerBytes(replica.FromClient{
		Stream: s.id, Address: s.address, Principal: s.principal, Msg: m,
	}, len(body), mostOfClients, &s.turn)
}

// principalOf is who is at the other end, by its certificate.
func principalOf(x *conn.Conn) string {
	if s, ok := x.TLS(); ok {
		return certs.Principal(s)
	}
	return cell.Anonymous
}

// refuse ends a stream that brought nonsense, by name.
func (c *clients) refuse(s *conn.Stream, address string, err error) {
	c.host.refusals.say("client " + address + ": refused: " + err.Error())
	// It may be gone: nobody waits for the answer then.
	_ = s.Send(call.Encode(&call.Refused{Code: cell.CodeOf(err), Message: err.Error()}))
}

// send is called by the loop. A stream that is gone, or ends by its full outbox, says so itself.
func (c *clients) send(m master.Send) {
	s := c.find(m.Stream)
	if s == nil {
		return
	}
	switch m.Msg.(type) {
	case *call.Created, *call.Attached: // before that, whoever it is has nothing large to say
		s.Trust()
	}
	c.host.leaving.said(s.Stream)
	err := s.Queue(m.Urgent, func(b []byte) (uint8, []byte) { return call.EncodeTo(b, m.Msg) })
	if err != nil { // its reader hears of it too
		c.forget(m.Stream)
		_ = s.Close()
	}
	var limit *cell.LimitError
	if errors.As(err, &limit) { // else cell/conn has logged why
		c.host.lines.say("warn", "client stream %d ended: an answer over the limit: %v", m.Stream, err)
	}
}

// pause is called by the loop: what the stream's reader has read already is all that comes for a while.
func (c *clients) pause(x master.Pause) {
	if s := c.find(x.Stream); s != nil {
		s.pause.Store(int64(x.For))
	}
}

func (c *clients) end(x master.Close) {
	if s := c.find(x.Stream); s != nil {
		_ = s.Close()
	}
}

// close ends everything, the listener's connections too, and waits for the readers.
func (c *clients) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	_ = c.listener.Close()
	c.wait.Wait()
}
