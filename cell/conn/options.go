package conn

import (
	"crypto/tls"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// Options of a Listener, or of one dialed connection. Start from ForClients or ForPeers. Both
// ends must agree on FrameLimit, Streams and KeepAlive.
type Options struct {
	Network Network     // nil: TCP
	TLS     *tls.Config // nil: plain. The listening side needs a certificate

	FrameLimit  int // of one whole frame, both ways, in bytes
	OutboxBytes int // that wait on one stream to be sent; one more ends the stream
	Arriving    int // bytes of begun large frames, on all connections of a Listener. 0: no bound
	Outboxes    int // bytes in all outboxes of a Listener: each has what the others leave. 0: as each may have
	KeepBuffer  int // of what a stream's large frames are read into, from one to the next, if not larger
	Streams     int // open at once on one connection, those closed by one side only included

	KeepAlive time.Duration // the dialing side pings when nothing was said or heard for so long
	Timeout   time.Duration // of one write; and of silence, KeepAlive added

	LowLatency bool // keep little unsent in the kernel, so that small frames overtake bulk
	Divide     bool // who accepts sends large frames in pieces, between which urgent ones go

	MaxConns     int           // of a Listener
	HalfOpen     int           // of those, that have not sent a whole frame; the oldest gives way
	HalfOpenTime time.Duration // after which one such is closed

	// Log is told of every end that is not an ordinary one, a bounded number a second: level is
	// "debug", "info" or "warn". Called from any goroutine; it must not block. nil: nobody.
	Log func(level, msg string, kv ...any)
}

// ForClients are the options between clients and replicas.
func ForClients() Options {
	return Options{
		FrameLimit: 2 << 20, OutboxBytes: 8 << 20, Streams: 8,
		Arriving: 128 << 20, Outboxes: 256 << 20,
		KeepAlive: 15 * time.Second, Timeout: 5 * time.Second, Divide: true,
		MaxConns: 20_000, HalfOpen: 256, HalfOpenTime: 5 * time.Second,
	}
}

// ForPeers are the options between replicas.
func ForPeers() Options {
	return Options{
		FrameLimit: 8 << 20, OutboxBytes: 64 << 20, KeepBuffer: 256 << 10, Streams: 8,
		KeepAlive: time.Second, Timeout: 2 * time.Second, LowLatency: true,
		MaxConns: 256, HalfOpen: 64, HalfOpenTime: 2 * time.Second,
	}
}

// check asserts what only a mistake of ours could get wrong.
func (o Options) check() {
	cell.Assert(o.FrameLimit > wire.FrameOverhead && o.OutboxBytes >= o.FrameLimit,
		"an outbox of %d bytes holds no frame of %d", o.OutboxBytes, o.FrameLimit)
	cell.Assert(o.Streams > 0 && o.Streams <= backlog, "between 1 and %d streams, not %d", backlog, o.Streams)
	cell.Assert(o.KeepAlive > 0 && o.Timeout > 0, "connections need a keepalive and a timeout")
}

// checkListener asserts the same of what only a Listener reads.
func (o Options) checkListener() {
	o.check()
	cell.Assert(o.HalfOpen > 0 && o.MaxConns >= o.HalfOpen && o.HalfOpenTime > 0,
		"a listener needs bounds: %d connections, %d half-open", o.MaxConns, o.HalfOpen)
}

// silence is how long a live connection can be quiet.
func (o Options) silence() time.Duration { return o.KeepAlive + o.Timeout }
