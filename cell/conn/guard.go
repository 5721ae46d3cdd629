package conn

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// guard is the net.Conn that yamux sees, and the one sender of the connection. What yamux itself has
// to say (windows, pings, ends of streams) is gathered by Write; what streams have to say the sender
// takes from their outboxes, in turn, and puts it into yamux's frames: yamux's own way there takes
// two more goroutines. A goroutine that lives while there is something to send sends all of it in
// one write. Read shows everything to watch first. The first error, from either side, ends the
// connection, and is the reason for its end.
type guard struct {
	net.Conn          // under TLS, if there is any
	raw      net.Conn // the socket itself: closing it waits for nobody
	conn     *Conn    // whose it is

	reads  io.Reader // of Conn
	prompt prompt    // writes without waiting; nil when nothing here can

	came   instant // when something last did; the reader's own
	ticked instant // when it last had the connection shrink; the reader's own

	mu      sync.Mutex
	room    sync.Cond // less waits to be sent, or the end
	watch   watch
	brisk   int       // how often something came in a row, without a pause between
	waiting *[]byte   // gathered and not yet being sent; nil when nothing is
	ready   []*Stream // that have something to send, in turn
	stuck   []*Stream // that have, and no window
	sending bool      // the sender's goroutine lives
	writing bool      // its write, begun at spoke, has not ended
	spoke   instant
	heard   instant // when bytes last came
	closing bool    // no more is taken; what waits still leaves
	reason  error   // not nil: it has ended

	turn []*Stream // whose turn it is; the sender's own
}

func newGuard(c, raw net.Conn, of *Conn) *guard {
	now := clock()
	g := &guard{Conn: c, raw: raw, conn: of, came: now, ticked: now,
		watch: newWatch(of.listener != nil, of.o.Streams), heard: now, spoke: now}
	g.room.L = &g.mu
	g.reads = c
	if c == raw { // TLS cannot take back what has not left
		g.reads, g.prompt = quick(raw)
	}
	return g
}

// Read gives yamux what has come, after a look at it.
func (g *guard) Read(p []byte) (int, error) {
	g.breathe()
	n, err := g.reads.Read(p)
	if n > 0 {
		if bad := g.show(p[:n]); bad != nil {
			return 0, bad
		}
	}
	if err != nil {
		err = g.fail(readReason(err))
	}
	return n, err
}

// breathe has the connection shrink, from time to time while bytes come: between frames only, for inside of
// one yamux holds its stream's lock.
func (g *guard) breathe() {
	if g.came.since(g.ticked) <= g.conn.o.silence()/4 {
		return
	}
	g.ticked = g.came
	g.mu.Lock()
	between := g.watch.in.between()
	g.mu.Unlock()
	if between {
		g.conn.shrink()
	}
}

// show lets what has come be judged, and tells of the streams that it opens. An error has ended the
// connection.
func (g *guard) show(piece []byte) error {
	g.came = clock()
	fresh, bad := g.judge(piece)
	if bad != nil {
		g.fail(bad)
		return bad
	}
	for ; fresh > 0; fresh-- {
		g.conn.opened()
	}
	return nil
}

// judge looks at what has come. fresh is how many streams that opens.
func (g *guard) judge(piece []byte) (fresh int, bad error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.brisk = min(g.brisk+1, steady)
	if g.came.since(g.heard) > pause {
		g.brisk = 0
	}
	g.heard = g.came
	bad = g.watch.inbound(piece, g.came)
	fresh, g.watch.fresh = g.watch.fresh, 0
	if len(g.stuck) > 0 { // they may have a window now
		g.ready, g.stuck = append(g.ready, g.stuck...), g.stuck[:0]
		g.start()
	}
	return fresh, bad
}

func readReason(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrIdle
	}
	return ErrHungUp
}

// Write gathers p, of what yamux itself has to say.
func (g *guard) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.waiting != nil && len(*g.waiting) >= gather && g.reason == nil && !g.closing {
		g.room.Wait()
	}
	if err := g.over(); err != nil {
		return 0, err
	}
	g.gather(p)
	return len(p), nil
}

// gather puts p with what waits. Called with mu held.
func (g *guard) gather(p []byte) {
	if g.waiting == nil {
		g.waiting = takeBuffer()
	}
	*g.waiting = append(*g.waiting, p...)
	g.watch.outbound(p)
	if g.watch.out.between() {
		g.start()
	}
}

// offer gives a stream its turn. Its mu is held; in pour the guard's is not. Who comes to push is told
// whether he is the sender now: then he calls push, with no lock held.
func (g *guard) offer(s *Stream, pushes bool) (sender bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.over(); err != nil {
		return false, err
	}
	g.ready = append(g.ready, s)
	if pushes && g.prompt != nil && !g.sending {
		g.sending = true
		return true, nil
	}
	g.start()
	return false, nil
}

// over is why nothing more is taken; nil when it is. Called with mu held.
func (g *guard) over() error {
	if g.reason == nil && g.closing {
		return cell.ErrClosed
	}
	return g.reason
}

// start is called with mu held, when something waits.
func (g *guard) start() {
	if !g.sending {
		g.sending = true
		go g.send()
	}
}

// send writes what waits, all of it in one write, until nothing does. Whoever is about to say more
// goes first: a write costs more than the moment.
func (g *guard) send() {
	runtime.Gosched()
	g.sendRest(nil, 0)
}

// sendRest is send after a batch of which so much has left.
func (g *guard) sendRest(batch *[]byte, sent int) {
	for {
		if batch == nil {
			if batch = g.batch(); batch == nil {
				return
			}
		}
		var err error
		if sent < len(*batch) {
			_, err = g.Conn.Write((*batch)[sent:])
		}
		giveBuffer(batch)
		batch, sent = nil, 0
		if err != nil {
			g.fail(writeReason(err))
		}
	}
}

// batch is what waits, in yamux's frames, as far as the windows allow. nil ends the sender.
func (g *guard) batch() *[]byte {
	batch := g.next()
	if batch != nil {
		for _, s := range g.turn {
			g.take(s, batch)
		}
		clear(g.turn)
	}
	return batch
}

// next takes what yamux has to say, and whose turn it is.
func (g *guard) next() *[]byte {
	g.mu.Lock()
	if g.idle() {
		g.leave()
		return nil
	}
	defer g.mu.Unlock()
	batch := g.waiting
	g.waiting = nil
	g.ready, g.turn = g.turn[:0], g.ready
	g.room.Broadcast()
	g.writing, g.spoke = true, clock()
	if batch == nil {
		batch = takeBuffer()
	}
	return batch
}

// idle: there is nothing for a sender to do. Called with mu held.
func (g *guard) idle() bool { return g.reason != nil || g.waiting == nil && len(g.ready) == 0 }

// leave ends the sender, and with it a connection that was closing. It unlocks mu.
func (g *guard) leave() {
	g.sending, g.writing = false, false
	closing := g.closing
	g.mu.Unlock()
	if closing {
		g.fail(cell.ErrClosed)
	}
}

// take puts what a stream has to say into the batch, and the stream at the end of those that wait
// for another turn if that is not all.
func (g *guard) take(s *Stream, batch *[]byte) {
	id := s.yamux.StreamID()
	g.mu.Lock()
	window := g.watch.window(id)
	g.mu.Unlock()
	out, took, more := s.pour(*batch, window)
	*batch = out
	g.mu.Lock()
	defer g.mu.Unlock()
	switch left := g.watch.spend(id, took); {
	case !more:
	case left > 0:
		g.ready = append(g.ready, s)
	default:
		g.stuck = append(g.stuck, s)
	}
}

func writeReason(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrStalled
	}
	return ErrHungUp
}

// Close takes no more, gives what was written a last chance to leave, and does not wait for it.
func (g *guard) Close() error {
	g.mu.Lock()
	if g.closing || g.reason != nil {
		g.mu.Unlock()
		return nil
	}
	g.closing = true
	g.watch.wakeAll()
	_ = g.SetReadDeadline(time.Unix(1, 0))
	_ = g.SetWriteDeadline(time.Now().Add(lastWords))
	g.room.Broadcast()
	sending := g.sending
	g.mu.Unlock()
	if !sending {
		g.fail(cell.ErrClosed)
	}
	return nil
}

// fail ends the connection for a reason, unless it has ended: then the older reason stands. A
// connection that is closing fails only by its sender, or by an error of the other side's.
func (g *guard) fail(reason error) error {
	g.mu.Lock()
	if g.reason != nil {
		defer g.mu.Unlock()
		return g.reason
	}
	if g.closing && reason == ErrIdle { // Close's own way to end the reading, or late news
		defer g.mu.Unlock()
		return io.EOF
	}
	g.reason = reason
	g.watch.wakeAll()
	g.room.Broadcast()
	g.mu.Unlock()
	_ = g.raw.Close()
	g.conn.ended(reason)
	return reason
}

// why is the reason of the end, nil before it.
func (g *guard) why() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.over()
}

// accepted makes room for one more stream that waits to be accepted. yamux never turns one away: it
// would have one less than were told of.
func (g *guard) accepted() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.watch.queue--
}

// streams is how many are open, by the headers.
func (g *guard) streams() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.watch.open)
}
