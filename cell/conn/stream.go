package conn

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Stream carries frames in order, both ways. Any goroutine may send, one receives. It ends as a
// whole: a close by either side, the end of its connection, an outbox over its limit.
type Stream struct {
	conn   *Conn
	yamux  *yamux.Stream
	frames *wire.FrameReader
	ended  atomic.Bool // cause is set

	mu      sync.Mutex
	box     outbox
	writing bool // the writer's goroutine lives
	cause   error
}

func newStream(c *Conn, y *yamux.Stream) *Stream {
	s := &Stream{conn: c, yamux: y}
	s.frames = wire.NewFrameReader(y, c.o.FrameLimit)
	c.add(s)
	return s
}

// Send queues one frame and never blocks; body is copied. A frame over Options.FrameLimit is
// refused with a *cell.LimitError and changes nothing. ErrOverflow: the outbox is full, and the
// stream has ended by it. Any other error is why the stream had ended before.
func (s *Stream) Send(kind uint8, body []byte) error { return s.sendBody(false, kind, body) }

// SendUrgent is Send for the little that may overtake: its frame goes before all frames that
// have not begun to leave, and after other urgent ones. Large bodies are not urgent: over 16
// KiB it is the same as Send.
func (s *Stream) SendUrgent(kind uint8, body []byte) error {
	return s.sendBody(len(body)+wire.FrameOverhead <= chunk, kind, body)
}

// SendEncoded is Send, or SendUrgent, of what encode appends: the body of a frame of the type that
// it gives. Called at once. What is urgent must be small: its size is not looked at.
func (s *Stream) SendEncoded(urgent bool, encode func(b []byte) (kind uint8, out []byte)) error {
	return s.queue(urgent, func(b []byte) ([]byte, error) {
		return wire.AppendEncoded(b, s.conn.o.FrameLimit, encode)
	})
}

// SendMessage is Send of m's encoding, made in place.
func (s *Stream) SendMessage(kind uint8, m proto.Message) error { return s.sendMessage(false, kind, m) }

// SendMessageUrgent is SendUrgent of m's encoding. m must be small: its size is not looked at.
func (s *Stream) SendMessageUrgent(kind uint8, m proto.Message) error {
	return s.sendMessage(true, kind, m)
}

func (s *Stream) sendBody(urgent bool, kind uint8, body []byte) error {
	if size := len(body) + wire.FrameOverhead; size > s.conn.o.FrameLimit {
		return &cell.LimitError{Limit: "frame", Most: s.conn.o.FrameLimit, Got: size}
	}
	return s.queue(urgent, func(b []byte) ([]byte, error) { return wire.AppendFrame(b, kind, body), nil })
}

func (s *Stream) sendMessage(urgent bool, kind uint8, m proto.Message) error {
	return s.queue(urgent, func(b []byte) ([]byte, error) {
		return wire.AppendMessage(b, kind, m, s.conn.o.FrameLimit)
	})
}

func (s *Stream) queue(urgent bool, add func([]byte) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return s.cause
	}
	if err := s.box.put(urgent, add); err != nil {
		return err
	}
	if s.box.bytes > s.conn.o.OutboxBytes {
		s.end(ErrOverflow, false)
		s.conn.log.log("warn", "stream ended", "remote", s.conn.RemoteAddr().String(), "reason", ErrOverflow.Error())
		return ErrOverflow
	}
	s.wake()
	return nil
}

// Queued is how many bytes wait in the outbox.
func (s *Stream) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.box.bytes
}

// Recv waits for the next frame. body belongs to the stream again at the next Recv: decode it
// (wire.Unmarshal keeps nothing of it) or copy it. io.EOF: the other side has closed the
// stream; any other error is why it, or the connection, has ended. A frame that cannot be right
// ends the connection.
func (s *Stream) Recv() (kind uint8, body []byte, err error) {
	if s.ended.Load() {
		return 0, nil, s.why()
	}
	kind, body, err = s.frames.Next()
	if err == nil && !s.ended.Load() {
		s.conn.spoken()
		return kind, body, nil
	}
	return 0, nil, s.recvFailed(err)
}

func (s *Stream) recvFailed(err error) error {
	switch {
	case s.ended.Load():
		return s.why()
	case s.conn.session.IsClosed():
		err = s.conn.Err()
	case errors.Is(err, cell.ErrTooLarge):
		err = s.conn.fail(fmt.Errorf("%w: %w", cell.ErrProtocol, err))
	case errors.Is(err, wire.ErrFrameFormat):
		err = s.conn.fail(err)
	case err == io.EOF:
	default: // truncated by the other side's end of the stream, or reset by it
		err = fmt.Errorf("%w: %w", ErrHungUp, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(err, false)
	return s.cause
}

// Close ends the stream for both directions and does not wait: what is queued still leaves, for
// Options.Timeout at most; Recv ends at once with cell.ErrClosed.
func (s *Stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(cell.ErrClosed, true)
	return nil
}

// Conn is the connection that carries the stream.
func (s *Stream) Conn() *Conn { return s.conn }

func (s *Stream) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// end is called with mu held, by whoever finds the first cause.
func (s *Stream) end(cause error, drain bool) {
	if s.cause != nil {
		return
	}
	s.cause = cause
	s.ended.Store(true)
	patience := s.conn.o.Timeout
	if !drain {
		s.box.drop()
		patience = 0
	}
	_ = s.yamux.SetReadDeadline(time.Unix(1, 0))
	_ = s.yamux.SetWriteDeadline(time.Now().Add(patience))
	s.wake()
}

// wake is called with mu held.
func (s *Stream) wake() {
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

// write sends what waits until nothing does, and closes the stream after its end.
func (s *Stream) write() {
	for {
		piece, over := s.next()
		if over {
			s.close()
			return
		}
		if piece == nil {
			return
		}
		if _, err := s.yamux.Write(piece); err != nil {
			s.writeFailed(err)
		}
	}
}

// close is the last that this side does with the stream; there is nothing to say on a
// connection that has ended.
func (s *Stream) close() {
	if !s.conn.session.IsClosed() {
		_ = s.yamux.Close()
	}
	s.conn.forget(s)
}

// next gives what to write; nil when nothing waits and the writer has to go: over, when after
// its end the stream is to be closed first.
func (s *Stream) next() (piece []byte, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	piece = s.box.next()
	if piece != nil {
		return piece, false
	}
	if s.cause != nil {
		return nil, true // and writing stays true: nobody writes after this
	}
	s.writing = false
	return nil, false
}

// writeFailed ends the stream, and the connection unless it was the stream's own end that the
// write ran into: after any other error yamux's two ends no longer agree on the window.
func (s *Stream) writeFailed(err error) {
	reason := fmt.Errorf("%w: %w", ErrHungUp, err)
	switch {
	case s.conn.session.IsClosed():
		reason = s.conn.Err()
	case errors.Is(err, yamux.ErrConnectionReset), errors.Is(err, yamux.ErrStreamClosed), errors.Is(err, yamux.ErrTimeout):
	default:
		reason = s.conn.fail(ErrStalled)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(reason, false)
	s.box.drop()
}
