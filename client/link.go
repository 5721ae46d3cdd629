package client

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/client/session"
)

// dialPatience bounds one dial; the machine gives up sooner or later by itself.
const dialPatience = 3 * time.Second

// wire is one link of the machine: a connection with one stream. Its goroutine dials, reads,
// decodes, and hands messages to the loop.
type wire struct {
	cancel context.CancelFunc

	mu     sync.Mutex
	conn   *conn.Conn
	stream *conn.Stream // nil while it is dialed
	closed bool
}

func (s *Session) dial(c session.Connect) {
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	w := &wire{cancel: cancel}
	s.links[c.Link] = w
	go s.follow(ctx, c, w)
}

func (s *Session) follow(ctx context.Context, c session.Connect, w *wire) {
	defer w.close()
	if err := w.open(ctx, c.Address, s.c.wire); err != nil {
		s.put(item{in: session.LinkDown{Link: c.Link, Why: err.Error()}})
		return
	}
	s.put(item{in: session.LinkUp{Link: c.Link}, up: w})
	for {
		s.inbox.awaitRoom()
		kind, body, err := w.stream.Recv()
		var msg call.Message
		if err == nil {
			msg, err = call.Decode(kind, body)
		}
		if err != nil {
			s.put(item{in: session.LinkDown{Link: c.Link, Why: whyDown(err)}})
			return
		}
		hand := s.put
		if w.stream.Ready() {
			hand = s.leave
		}
		if !hand(item{in: session.Received{Link: c.Link, Msg: msg}}) {
			return
		}
	}
}

func (w *wire) open(ctx context.Context, address string, o conn.Options) error {
	c, err := conn.Dial(ctx, address, o)
	if err != nil {
		return err
	}
	stream, err := c.OpenStream(ctx)
	if err != nil {
		_ = c.Close()
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conn, w.stream = c, stream
	if w.closed {
		w.end()
		return context.Canceled
	}
	return nil
}

// close ends the link. It may be called more than once, from any goroutine.
func (w *wire) close() {
	w.cancel()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.closed = true
		w.end()
	}
}

func (w *wire) end() {
	if w.conn != nil {
		_ = w.stream.Close()
		_ = w.conn.Close()
	}
}

func (s *Session) hangUp(id uint64) {
	if w := s.links[id]; w != nil {
		delete(s.links, id)
		go w.close() // it may have bytes to wait for
	}
}

// send puts a message on its link. A link that cannot take it ends, and its reader says so.
func (s *Session) send(m session.Send) {
	w := s.links[m.Link]
	if w == nil || w.stream == nil {
		return
	}
	if err := w.queue(m.Msg); err != nil {
		go w.close()
	}
	if n := len(s.said); n == 0 || s.said[n-1] != w.stream {
		s.said = append(s.said, w.stream)
	}
}

func (w *wire) queue(m call.Message) error {
	return w.stream.Queue(false, func(b []byte) (uint8, []byte) { return call.EncodeTo(b, m) })
}

// flush sends what the loop's turn had to say.
func (s *Session) flush() {
	for _, stream := range s.said {
		stream.Flush()
	}
	clear(s.said)
	s.said = s.said[:0]
}

// whyDown says in words why a link has ended.
func whyDown(err error) string {
	if errors.Is(err, io.EOF) {
		return "the server has closed the stream"
	}
	return err.Error()
}
