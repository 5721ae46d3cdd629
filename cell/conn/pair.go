package conn

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// inKernel is how many bytes a memoryConn takes before its writer waits, as a socket does.
const inKernel = 64 << 10

// memoryConn is one end of a connection in memory.
type memoryConn struct {
	local, remote net.Addr
	in, out       *pipe
}

// newPair makes both ends.
func newPair(dialer, listener net.Addr) (near, far *memoryConn) {
	there, back := newPipe(), newPipe()
	return &memoryConn{dialer, listener, back, there}, &memoryConn{listener, dialer, there, back}
}

// pipe is one direction: bytes on their way, and the deadlines of both its ends.
type pipe struct {
	mu      sync.Mutex
	change  sync.Cond
	bytes   []byte
	closed  bool // by the writer: what is on its way still arrives
	broken  bool // by the reader
	reading deadline
	writing deadline
}

// deadline wakes those who wait when it passes.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func newPipe() *pipe {
	p := &pipe{}
	p.change.L = &p.mu
	return p
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// move is called with the pipe's mu held.
func (p *pipe) move(d *deadline, at time.Time) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = at
	if !at.IsZero() && !d.passed() {
		d.timer = time.AfterFunc(time.Until(at), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.change.Broadcast()
		})
	}
	p.change.Broadcast()
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.broken:
			return 0, net.ErrClosed
		case p.reading.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p.bytes) > 0:
			n := copy(b, p.bytes)
			p.bytes = p.bytes[n:]
			p.change.Broadcast()
			return n, nil
		case p.closed:
			return 0, io.EOF
		}
		p.change.Wait()
	}
}

func (p *pipe) write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.closed:
			return n, net.ErrClosed
		case p.broken:
			return n, syscall.EPIPE
		case p.writing.passed():
			return n, os.ErrDeadlineExceeded
		case n == len(b):
			return n, nil
		case len(p.bytes) < inKernel:
			piece := min(inKernel-len(p.bytes), len(b)-n)
			p.bytes = append(p.bytes, b[n:n+piece]...)
			n += piece
			p.change.Broadcast()
			continue
		}
		p.change.Wait()
	}
}

// writeNow is the part of write that does not wait.
func (p *pipe) writeNow(b []byte) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.broken || p.writing.passed() {
		return 0
	}
	n := max(0, min(inKernel-len(p.bytes), len(b)))
	p.bytes = append(p.bytes, b[:n]...)
	p.change.Broadcast()
	return n
}

// shut is a close by the writer, or by the reader: then nothing arrives any more.
func (p *pipe) shut(byReader bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = p.closed || !byReader
	p.broken = p.broken || byReader
	if p.broken {
		p.bytes = nil
	}
	p.move(&p.reading, time.Time{})
	p.move(&p.writing, time.Time{})
}

func (c *memoryConn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *memoryConn) Write(b []byte) (int, error) { return c.out.write(b) }
func (c *memoryConn) writeNow(b []byte) int       { return c.out.writeNow(b) }
func (c *memoryConn) LocalAddr() net.Addr         { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr        { return c.remote }

func (c *memoryConn) Close() error {
	c.out.shut(false)
	c.in.shut(true)
	return nil
}

func (c *memoryConn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *memoryConn) SetReadDeadline(t time.Time) error {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	c.in.move(&c.in.reading, t)
	return nil
}

func (c *memoryConn) SetWriteDeadline(t time.Time) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.move(&c.out.writing, t)
	return nil
}
