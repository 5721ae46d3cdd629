package conn

import (
	"container/list"
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
	pieces *wire.Joiner // nil where the other side sends none
	taken  uint64       // bytes that were read
	rested bool         // frames has no buffer
	shared *shared      // of its listener; nil at the side that dialed
	ended  atomic.Bool  // cause is set

	trusted atomic.Bool

	mu     sync.Mutex
	box    outbox
	queued bool // the guard has it in turn
	over   bool // its close has begun: the guard sends no more of it
	cause  error
	rest   *time.Timer // after the end, until what waits is given up
	booked int         // of what waits, in shared

	arrival *list.Element // of a begun large frame; shared's
}

func newStream(c *Conn, y *yamux.Stream) *Stream {
	s := &Stream{conn: c, yamux: y}
	s.frames = wire.NewFrameReader((*intake)(s), c.o.FrameLimit, c.o.KeepBuffer)
	switch {
	case c.listener != nil:
		s.box.divide = c.o.Divide
		s.shared = c.listener.shared
		s.frames.OnLarge(s.large)
	case c.o.Divide:
		s.pieces = wire.NewJoiner(c.o.FrameLimit)
	}
	c.add(s)
	return s
}

// Trust says that the other side is no stranger any more: the frames that begin to come from now on may be
// larger than 16 KiB. Any goroutine may say so.
func (s *Stream) Trust() { s.trusted.Store(true) }

// large is told of a large frame that begins, and of 0 when it has gone.
func (s *Stream) large(bytes int) error {
	if bytes > 0 && !s.trusted.Load() {
		return &cell.LimitError{Limit: "frame of a stranger", Most: chunk, Got: bytes}
	}
	s.shared.holds(s, bytes)
	return nil
}

// Send queues one frame and never blocks; body is copied. A frame over Options.FrameLimit is
// refused with a *cell.LimitError and changes nothing. ErrOverflow: the outbox is full, and the
// stream has ended by it. Any other error is why the stream had ended before.
func (s *Stream) Send(kind uint8, body []byte) error { return s.sendBody(false, kind, body) }

// SendUrgent is Send for the little that may overtake: its frame goes before all frames that have
// not begun to leave, between the pieces of one that has (Options.Divide), and after other urgent
// ones. Large bodies are not urgent: over 16 KiB it is the same as Send.
func (s *Stream) SendUrgent(kind uint8, body []byte) error {
	return s.sendBody(len(body)+wire.FrameOverhead <= chunk, kind, body)
}

// Queue is Send, or SendUrgent, of what encode appends: the body of a frame of the type that it
// gives. It is called at once, but the frame leaves with the next Flush or Send, if not before: who
// has several things to say, on several streams, flushes when all are said. What is urgent must be
// small: its size is not looked at.
func (s *Stream) Queue(urgent bool, encode func(b []byte) (kind uint8, out []byte)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(urgent, func(b []byte) ([]byte, error) {
		return wire.AppendEncoded(b, s.conn.o.FrameLimit, encode)
	})
}

// Flush sends what was queued, itself if it can: that saves a goroutine. It does not wait.
func (s *Stream) Flush() {
	s.mu.Lock()
	sender := false
	if s.cause == nil && s.box.bytes > 0 {
		sender, _ = s.wake(true) // the reader hears of it
	}
	s.mu.Unlock()
	if sender {
		s.conn.guard.push()
	}
}

// SendMessage is Send of m's encoding, made in place.
func (s *Stream) SendMessage(kind uint8, m proto.Message) error {
	return s.queue(false, func(b []byte) ([]byte, error) {
		return wire.AppendMessage(b, kind, m, s.conn.o.FrameLimit)
	})
}

func (s *Stream) sendBody(urgent bool, kind uint8, body []byte) error {
	if size := len(body) + wire.FrameOverhead; size > s.conn.o.FrameLimit {
		return &cell.LimitError{Limit: "frame", Most: s.conn.o.FrameLimit, Got: size}
	}
	return s.queue(urgent, func(b []byte) ([]byte, error) { return wire.AppendFrame(b, kind, body), nil })
}

func (s *Stream) queue(urgent bool, add func([]byte) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.put(urgent, add); err != nil {
		return err
	}
	_, err := s.wake(false)
	return err
}

// put is called with mu held.
func (s *Stream) put(urgent bool, add func([]byte) ([]byte, error)) error {
	if s.cause != nil {
		return s.cause
	}
	if err := s.box.put(urgent, add); err != nil {
		return err
	}
	s.book()
	if s.box.bytes > leastOutbox && s.box.bytes > s.shared.share(s.conn.o) {
		s.end(ErrOverflow, false)
		s.conn.log.log("warn", "stream ended", "remote", s.conn.RemoteAddr().String(), "reason", ErrOverflow.Error())
		return ErrOverflow
	}
	return nil
}

// book tells the listener what waits, as far as it is much. Called with mu held.
func (s *Stream) book() {
	if now := s.box.bytes &^ (chunk - 1); s.shared != nil && now != s.booked {
		s.shared.outboxes.Add(int64(now - s.booked))
		s.booked = now
	}
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
	s.awake()
	kind, body, err = s.next()
	if err == nil && !s.ended.Load() {
		s.conn.spoken()
		return kind, body, nil
	}
	return 0, nil, s.recvFailed(err)
}

// Ready reports whether Recv would give a frame without waiting. For who receives.
func (s *Stream) Ready() bool {
	kind, ok := s.frames.Ready()
	return ok && (kind != wire.Piece || s.pieces == nil)
}

// next is the next whole frame, of pieces or not.
func (s *Stream) next() (kind uint8, body []byte, err error) {
	for whole := false; !whole && err == nil; {
		kind, body, err = s.frames.Next()
		if err != nil || kind != wire.Piece || s.pieces == nil {
			break
		}
		kind, body, whole, err = s.pieces.Join(body)
	}
	return kind, body, err
}

func (s *Stream) recvFailed(err error) error {
	if s.shared != nil {
		s.shared.holds(s, 0)
	}
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
	s.conn.guard.wake(s.yamux.StreamID())
	_ = s.yamux.SetReadDeadline(time.Unix(1, 0))
	if drain && s.box.bytes > 0 {
		if _, err := s.wake(false); err == nil {
			s.rest = time.AfterFunc(s.conn.o.Timeout, s.giveUp)
			return // the guard closes it when it has sent the rest
		}
	}
	s.drop()
}

// giveUp is for what has not left in time.
func (s *Stream) giveUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop()
}

// drop closes the stream, whatever waits. Called with mu held.
func (s *Stream) drop() {
	s.box.drop()
	s.book()
	if !s.over {
		s.over = true
		go s.close()
	}
}

// wake is called with mu held, when something waits. For pushes and sender see guard.offer.
func (s *Stream) wake(pushes bool) (sender bool, err error) {
	if s.queued {
		return false, nil
	}
	sender, err = s.conn.guard.offer(s, pushes)
	if err != nil {
		s.end(err, false)
		return false, err
	}
	s.queued = true
	return sender, nil
}

// pour appends what waits to a batch, as yamux's frames, as long as the batch is not full and the
// window, of so many bytes, allows. It gives how much of the window that took, and whether there is
// more. The guard calls it, whose turn it is.
func (s *Stream) pour(batch []byte, window int) (out []byte, took int, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for took < window && len(batch) < gather {
		piece := s.box.next(window - took)
		if piece == nil {
			break
		}
		batch = append(appendData(batch, s.yamux.StreamID(), len(piece)), piece...)
		took += len(piece)
	}
	s.box.settle()
	s.book()
	if s.box.bytes > 0 {
		return batch, took, true
	}
	s.queued = false
	if s.cause != nil {
		s.drop()
	}
	return batch, took, false
}

// close is the last that this side does with the stream; there is nothing to say on a
// connection that has ended.
func (s *Stream) close() {
	s.mu.Lock()
	if s.rest != nil {
		s.rest.Stop()
	}
	s.mu.Unlock()
	if !s.conn.session.IsClosed() {
		_ = s.yamux.Close()
	}
	s.conn.forget(s)
}
