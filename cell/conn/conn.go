package conn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"

	"github.com/leasehold/leasehold/cell"
)

const backlog = 16 // streams that wait to be accepted; yamux wants it the same on both ends

// Conn is one connection. The side that dialed opens streams, the other accepts them. Safe for
// concurrent use.
type Conn struct {
	o        *Options
	guard    *guard
	session  *yamux.Session
	log      *logger
	listener *Listener // nil at the side that dialed

	opening sync.Mutex
	heard   atomic.Bool // a whole frame has come

	mu      sync.Mutex
	streams []*Stream   // that have not been closed on this side
	tending *time.Timer // at the side that dialed
}

// Dial connects to addr, whose name is resolved anew each time. ctx bounds the connecting (and
// the TLS handshake) only.
func Dial(ctx context.Context, addr string, o Options) (*Conn, error) {
	o.check()
	raw, err := o.network().Dial(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", addr, cause(err))
	}
	o.prepare(raw)
	through := raw
	if o.TLS != nil {
		secured := tls.Client(raw, named(o.TLS, addr))
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, fmt.Errorf("dial %s: %w", addr, err)
		}
		through = secured
	}
	c := &Conn{o: &o, log: &logger{hook: o.Log}}
	c.guard = newGuard(through, raw, c)
	c.start(yamux.Client, o.yamux(c.log))
	return c, nil
}

// named is a configuration that expects the host that is dialed, where it names none. One that
// verifies by itself is told that name too when it is an address, which TLS does not send.
func named(o *tls.Config, addr string) *tls.Config {
	if o.ServerName != "" {
		return o
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	o = o.Clone()
	o.ServerName = host
	if verify := o.VerifyConnection; verify != nil {
		o.VerifyConnection = func(s tls.ConnectionState) error {
			s.ServerName = host
			return verify(s)
		}
	}
	return o
}

// cause is what net wraps, which names the address a second time.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return op.Err
	}
	return err
}

// start lets yamux begin. Its reader may bring a stream before this has ended: see opened.
func (c *Conn) start(side func(io.ReadWriteCloser, *yamux.Config) (*yamux.Session, error), config *yamux.Config) {
	c.opening.Lock()
	defer c.opening.Unlock()
	session, err := side(c.guard, config)
	cell.Assert(err == nil, "yamux refuses our own configuration: %v", err)
	c.session = session
	if c.listener == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tending = time.AfterFunc(min(c.o.KeepAlive, c.o.Timeout), c.tend)
	}
}

// yamux is the configuration of a session. Its own pings are off: see Conn.tend. So is its time
// limit for streams that only one side has closed: they count against Options.Streams, so who does
// not close its side runs out of streams, and its timers would outlive their session.
func (o Options) yamux(log *logger) *yamux.Config {
	return &yamux.Config{
		AcceptBacklog: backlog, KeepAliveInterval: o.KeepAlive,
		ConnectionWriteTimeout: o.Timeout, MaxStreamWindowSize: firstWindow,
		StreamOpenTimeout: streamOpen, Logger: log,
	}
}

// OpenStream opens one more stream. It does not wait for the other side to accept it, only for
// room to say so. ErrTooManyStreams over Options.Streams; those that one side alone has closed
// count.
func (c *Conn) OpenStream(ctx context.Context) (*Stream, error) {
	cell.Assert(c.listener == nil, "only the side that dialed opens streams")
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.opening.Lock()
	defer c.opening.Unlock()
	if c.guard.streams() >= c.o.Streams {
		return nil, ErrTooManyStreams
	}
	y, err := c.session.OpenStream()
	if err != nil {
		return nil, c.streamFailed(err)
	}
	return newStream(c, y), nil
}

// opened tells the listener's owner of a stream that the other side has opened.
func (c *Conn) opened() {
	c.opening.Lock() // start has ended
	tell := c.listener.tell
	c.opening.Unlock()
	if tell != nil {
		tell(c)
	}
}

// AcceptStream waits for the next stream that the other side opens, or for the connection's end.
func (c *Conn) AcceptStream() (*Stream, error) {
	y, err := c.session.AcceptStream()
	if err != nil {
		return nil, c.streamFailed(err)
	}
	c.guard.accepted()
	return newStream(c, y), nil
}

// streamFailed: whatever keeps yamux from opening or accepting is the connection's end.
func (c *Conn) streamFailed(err error) error {
	if c.session.IsClosed() {
		return c.Err()
	}
	return c.fail(fmt.Errorf("%w: %w", ErrStalled, err))
}

// RemoteAddr is the other side's address.
func (c *Conn) RemoteAddr() net.Addr { return c.guard.RemoteAddr() }

// LocalAddr is this side's address.
func (c *Conn) LocalAddr() net.Addr { return c.guard.LocalAddr() }

// TLS is what the handshake came to; false without TLS.
// Complete once a frame has been received.
func (c *Conn) TLS() (tls.ConnectionState, bool) {
	if secured, ok := c.guard.Conn.(*tls.Conn); ok {
		return secured.ConnectionState(), true
	}
	return tls.ConnectionState{}, false
}

// Close ends the connection and all its streams. What streams have handed down already still
// leaves, for a second at most; what waits in outboxes does not (close the streams first).
func (c *Conn) Close() error { return c.session.Close() }

// Closed is closed when the connection has ended.
func (c *Conn) Closed() <-chan struct{} { return c.session.CloseChan() }

// Err is why the connection has ended; cell.ErrClosed when it was closed on this side, and
// before its end.
func (c *Conn) Err() error {
	if err := c.guard.why(); err != nil {
		return err
	}
	return cell.ErrClosed
}

func (c *Conn) add(s *Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.streams = append(c.streams, s)
}

func (c *Conn) forget(s *Stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.streams, s); i >= 0 {
		c.streams = slices.Delete(c.streams, i, i+1)
	}
}

// shrink gives back the buffers in which yamux keeps what has come, where nothing waits in them:
// after a burst they are as large as it was.
func (c *Conn) shrink() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.streams {
		s.yamux.Shrink()
	}
}

// fail ends the connection for a reason, and gives the reason that stands.
func (c *Conn) fail(reason error) error { return c.guard.fail(reason) }

// spoken notes that the other side speaks our language.
func (c *Conn) spoken() {
	if c.heard.CompareAndSwap(false, true) && c.listener != nil {
		c.listener.established(c)
	}
}

// ended is called once by the guard.
func (c *Conn) ended(reason error) {
	if c.listener != nil {
		c.listener.remove(c)
	}
	c.mu.Lock()
	if c.tending != nil {
		c.tending.Stop()
	}
	c.mu.Unlock()
	if !unremarkable(reason) {
		c.log.log("warn", "connection ended", "remote", c.RemoteAddr().String(), "reason", reason.Error())
	}
}
