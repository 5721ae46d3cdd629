package host

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/zab"
)

// Types of the frames that are the host's own, beside those of zab.
const (
	framePreface uint8 = 255
	framePiece   uint8 = 254
	frameTook    uint8 = 253
)

// Uses of a connection between replicas: bulk never delays a ping.
const (
	useProtocol = 1
	useSnapshot = 2
	useAsk      = 3 // which cell is this? (Adopt)
)

// peers keeps one protocol link with every other replica: the one with the higher id dials.
type peers struct {
	host     *Host
	listener *conn.Listener
	stop     context.Context
	cancel   context.CancelFunc
	wait     sync.WaitGroup
	mu       sync.Mutex
	last     uint64
	links    map[cell.ReplicaID]link
	conns    map[*conn.Conn]bool
	book     book
	tended   map[cell.ReplicaID]bool // ids that a goroutine keeps a link with, or asks after
}

type link struct {
	number uint64
	stream *conn.Stream
}

func newPeers(h *Host, l *conn.Listener) *peers {
	p := &peers{host: h, listener: l, links: map[cell.ReplicaID]link{}, conns: map[*conn.Conn]bool{},
		tended: map[cell.ReplicaID]bool{}}
	p.book.file = h.config.Members
	p.stop, p.cancel = context.WithCancel(context.Background())
	return p
}

func (p *peers) start() {
	p.wait.Add(1)
	go p.accept()
}

func (p *peers) accept() {
	defer p.wait.Done()
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if !p.keep(c) {
			return
		}
		p.wait.Add(1)
		go func() {
			defer p.wait.Done()
			defer p.drop(c)
			s, err := c.AcceptStream()
			if err == nil {
				p.answer(s)
			}
		}()
	}
}

func (p *peers) keep(c *conn.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop.Err() != nil {
		_ = c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *peers) drop(c *conn.Conn) {
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
	_ = c.Close()
}

// dialing keeps a link with a replica of a lower id: the next try comes 20 ms after the end of
// the last, then later and later, up to half a second.
func (p *peers) dialing(to cell.ReplicaID) {
	pause := firstPause
	for p.tends(to) {
		began := time.Now()
		served, err := p.dial(to)
		if err != nil {
			p.away(to, err)
		}
		if pause = min(2*pause, lastPause); served && time.Since(began) > lastPause {
			pause = firstPause // who hangs up at once is not called again at once
		}
		timer := time.NewTimer(pause + rand.N(pause))
		select {
		case <-p.stop.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

const (
	firstPause = 10 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// dial opens a protocol link and serves it until its end.
func (p *peers) dial(to cell.ReplicaID) (served bool, err error) {
	s, c, err := p.open(to, &wire.PeerPreface{Use: useProtocol})
	if err != nil {
		return false, err
	}
	defer p.drop(c)
	return true, p.serve(to, s)
}

// open dials to where it is known to be, says the preface and hears the answer.
func (p *peers) open(to cell.ReplicaID, preface *wire.PeerPreface) (s *conn.Stream, c *conn.Conn, err error) {
	err = fmt.Errorf("%w: nobody knows where replica %d is", cell.ErrNotFound, to)
	for _, at := range p.book.of(to) {
		if s, c, err = p.openAt(to, at, preface); err == nil {
			break
		}
	}
	return s, c, err
}

func (p *peers) openAt(to cell.ReplicaID, at string, preface *wire.PeerPreface) (*conn.Stream, *conn.Conn, error) {
	ctx, cancel := context.WithTimeout(p.stop, 2*time.Second)
	defer cancel()
	c, err := conn.Dial(ctx, at, p.host.peerOptions())
	if err != nil {
		return nil, nil, err
	}
	if !p.keep(c) {
		return nil, nil, cell.ErrClosed
	}
	// The preface must be answered in time, or the connection is no good.
	release := context.AfterFunc(ctx, func() { _ = c.Close() })
	s, err := c.OpenStream(ctx)
	if err == nil {
		p.sign(preface, to)
		err = s.SendMessage(framePreface, preface)
	}
	if err == nil {
		_, err = p.hear(s, to)
	}
	if !release() {
		err = context.Cause(ctx)
	}
	if err != nil {
		p.drop(c)
		return nil, nil, err
	}
	return s, c, nil
}

func (p *peers) sign(w *wire.PeerPreface, to cell.ReplicaID) {
	id := p.host.birth.Cell
	w.Format, w.CellId, w.Cell = cell.Format, id[:], p.host.birth.Name
	self, _ := p.host.config.Members.Find(p.host.config.ID)
	w.From, w.To, w.At = uint32(p.host.config.ID), uint32(to), self.Peer
}

// hear reads the other side's preface and refuses a replica of another cell, by name and id.
func (p *peers) hear(s *conn.Stream, from cell.ReplicaID) (*wire.PeerPreface, error) {
	kind, body, err := s.Recv()
	if err != nil {
		return nil, err
	}
	var w wire.PeerPreface
	if kind != framePreface {
		return nil, fmt.Errorf("%w: the first frame between replicas is a preface, not type %d", cell.ErrProtocol, kind)
	}
	if err := wire.Unmarshal(body, &w); err != nil {
		return nil, err
	}
	birth := p.host.birth
	switch {
	case w.Refused != "":
		return nil, fmt.Errorf("%w: refused by replica %d: %s", cell.ErrProtocol, w.From, w.Refused)
	case w.Format > cell.Format:
		return nil, fmt.Errorf("%w: it speaks format %d, this replica %d", cell.ErrProtocol, w.Format, cell.Format)
	case w.Cell != birth.Name || w.Use != useAsk && string(w.CellId) != string(birth.Cell[:]):
		return nil, fmt.Errorf("%w: it is of cell %s (%x), this is %s (%v)", cell.ErrWrongCell,
			w.Cell, w.CellId, birth.Name, birth.Cell)
	case w.From == 0 || cell.ReplicaID(w.To) != birth.Replica || w.From == w.To ||
		from != 0 && from != cell.ReplicaID(w.From):
		return nil, fmt.Errorf("%w: replica %d asked for replica %d; this is replica %d",
			cell.ErrProtocol, w.From, w.To, birth.Replica)
	}
	return &w, nil
}

// answer takes a connection that another replica opened.
func (p *peers) answer(s *conn.Stream) {
	w, err := p.hear(s, 0)
	mine := &wire.PeerPreface{}
	p.sign(mine, cell.ReplicaID(w.GetFrom()))
	if err != nil {
		p.host.refusals.say(fmt.Sprintf("peer %v: refused: %v", s.Conn().RemoteAddr(), err))
		mine.Refused = err.Error()
		if s.SendMessage(framePreface, mine) == nil {
			linger(s)
		}
		return
	}
	s.Trust()
	if s.SendMessage(framePreface, mine) != nil {
		return
	}
	p.book.hear(cell.ReplicaID(w.From), w.At)
	switch from := cell.ReplicaID(w.From); w.Use {
	case useSnapshot:
		p.host.snapshots.receive(from, w, s)
	case useProtocol:
		_ = p.serve(from, s) // the reader's error is the link's ordinary end
	default:
		linger(s)
	}
}

// linger waits until the other side has closed, so that what was said to it arrives; who does not
// close is not waited for.
func linger(s *conn.Stream) {
	defer time.AfterFunc(lingers, func() { _ = s.Conn().Close() }).Stop()
	_, _, _ = s.Recv()
}

const lingers = 2 * time.Second

// serve reads a protocol link until its end. A newer link takes the place of an older one.
func (p *peers) serve(with cell.ReplicaID, s *conn.Stream) error {
	number := p.up(with, s)
	defer p.down(with, number)
	for {
		kind, body, err := s.Recv()
		if err != nil {
			return err
		}
		m, err := zab.Decode(kind, bytes.Clone(body)) // payloads share it, and live on in the log
		if err != nil {
			p.host.refusals.say(fmt.Sprintf("replica %d: nonsense: %v", with, err))
			return err
		}
		if !p.host.inbox.offer(zab.Received{From: with, Link: number, Msg: m}, mostOfPeers, nil) {
			return cell.ErrClosed
		}
	}
}

func (p *peers) up(with cell.ReplicaID, s *conn.Stream) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last++
	old, had := p.links[with]
	p.links[with] = link{p.last, s}
	if had {
		_ = old.stream.Conn().Close()
		p.host.inbox.put(zab.LinkDown{Peer: with, Link: old.number})
	}
	p.host.inbox.put(zab.LinkUp{Peer: with, Link: p.last})
	return p.last
}

func (p *peers) down(with cell.ReplicaID, number uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.links[with].number == number {
		delete(p.links, with)
		p.host.inbox.put(zab.LinkDown{Peer: with, Link: number})
	}
}

func (p *peers) find(to cell.ReplicaID, number uint64) *conn.Stream {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.links[to]; l.number == number {
		return l.stream
	}
	return nil
}

// send is called by the loop.
func (p *peers) send(x zab.Send) {
	if s := p.find(x.To, x.Link); s != nil {
		if _, ok := x.Msg.(*zab.Commit); ok {
			p.host.leaving.news(s, lease.Instant(p.host.turned.Load()))
		} else {
			p.host.leaving.said(s)
		}
		if s.Queue(false, func(b []byte) (uint8, []byte) { return zab.EncodeTo(b, x.Msg) }) != nil {
			_ = s.Conn().Close() // a stream with a hole in it is of no use (Z6)
		}
	}
}

// end closes a link whose peer sent nonsense or fell silent.
func (p *peers) end(to cell.ReplicaID, number uint64) {
	if s := p.find(to, number); s != nil {
		_ = s.Conn().Close()
	}
}

func (p *peers) close() {
	p.mu.Lock()
	p.cancel()
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	_ = p.listener.Close()
	p.wait.Wait()
}
