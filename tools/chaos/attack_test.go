package chaos

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
)

const (
	atOnce  = 8               // attackers, unless an attack says more
	holding = 600             // of those that hold a connection: more than may be half-open
	lingers = 2 * time.Second // for which a connection that does nothing is held
)

// tried is what an attack has against one replica: its addresses.
type tried struct{ client, peer, http string }

func (x tried) String() string { return x.client + " " + x.peer + " " + x.http }

func victim(addresses string) (x tried) {
	if _, err := fmt.Sscan(addresses, &x.client, &x.peer, &x.http); err != nil {
		panic(err)
	}
	return x
}

// attack is one try; it ends when it is turned away, or after a moment. Its errors say so: nothing
// of it is of interest.
type attack struct {
	name string
	rate int // tries a second: a load that leaves the machine room, for it is the server that is tried
	many int // at once; 0: atOnce
	held int // bytes that the server lets all of them hold
	try  func(ctx context.Context, at tried)
}

// yamux is a header of that protocol.
func yamux(kind uint8, flags uint16, stream, length uint32) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, kind}, flags)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, stream), length)
}

// raw sends bytes to the clients' port, piece by piece, and listens until it is left or loses patience.
func raw(times int, piece func(i int) []byte) func(context.Context, tried) {
	return func(ctx context.Context, at tried) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.client)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(lingers))
		for i := range times {
			if _, err := c.Write(piece(i)); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, c)
	}
}

// spoken dials honestly, says what say says, and hears one answer.
func spoken(address func(tried) string, o conn.Options, say func(*conn.Stream) error) func(context.Context, tried) {
	return func(ctx context.Context, at tried) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		c, err := conn.Dial(ctx, address(at), o)
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
		s, err := c.OpenStream(ctx)
		if err == nil && say(s) == nil {
			_, _, _ = s.Recv()
		}
	}
}

// afterHello says Hello, and then messages.
func afterHello(messages ...call.Message) func(context.Context, tried) {
	return spoken(func(at tried) string { return at.client }, conn.ForClients(), func(s *conn.Stream) error {
		if err := s.Send(call.Encode(&call.Hello{Format: cell.Format})); err != nil {
			return err
		}
		if _, _, err := s.Recv(); err != nil { // Welcome
			return err
		}
		for _, m := range messages {
			if err := s.Send(call.Encode(m)); err != nil {
				return err
			}
		}
		return nil
	})
}

func attacks() []attack {
	const part = 64 << 10 // what is said of a frame that claims to be of 8 MiB
	opened, begun := yamux(1, 1, 1, 0), wire.AppendFrame(nil, 1, make([]byte, 8<<20))[:part]
	oversize := append(yamux(0, 0, 1, part), begun...)
	oversized := raw(2, func(i int) []byte { return [][]byte{opened, oversize}[i] })
	sequencer := cell.Sequencer{Name: "/ls/local/honest", Mode: cell.Exclusive, Grant: 1 << 60, Hold: 1 << 60}
	handle := &call.Handle{Mode: call.HandleWrites, Epoch: 1}
	peers := func(at tried) string { return at.peer }
	return []attack{
		{name: "half-open connections", rate: 300, many: holding, try: raw(0, nil)},
		{name: "slow loris", rate: 300, many: holding, try: trickled},
		{name: "garbage", rate: 200, try: raw(1, func(int) []byte { return []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n") })},
		{name: "ping flood", rate: 50, try: raw(1000, func(i int) []byte { return yamux(2, 1, 0, uint32(i)) })},
		{name: "stream flood", rate: 50, try: raw(1000, func(i int) []byte { return yamux(1, 1, uint32(2*i+1), 0) })},
		{name: "streams of our parity", rate: 200, try: raw(1, func(int) []byte { return yamux(1, 1, 2, 0) })},
		{name: "strays", rate: 20, try: raw(3000, func(int) []byte { return yamux(0, 0, 99, 0) })},
		{name: "truncated frames", rate: 300, many: holding, try: raw(2, func(i int) []byte {
			return [][]byte{yamux(1, 1, 1, 0), append(yamux(0, 0, 1, 1<<16), 0xff, 0xff)}[i]
		})},
		{name: "oversize frames", rate: 200, try: oversized},
		{name: "oversize frames, peers'", rate: 200, try: func(ctx context.Context, at tried) {
			oversized(ctx, tried{client: at.peer})
		}},
		{name: "frames that do not end", rate: 100, many: holding, try: hoarded},
		{name: "frames that do not end, in sessions", rate: 20, many: holding, held: conn.ForClients().Arriving,
			try: hoardedInSession},
		{name: "answers that are not read", rate: 20, many: 40, held: conn.ForClients().Outboxes, try: unread},
		{name: "forged sessions", rate: 200, try: afterHello(&call.Attach{Session: 1 << 40, Stream: 1})},
		{name: "forged handles", rate: 200, try: afterHello(&call.Query{Number: 1, Handle: handle,
			Ask: &call.Read{Name: "/ls/local/honest", Instance: 1}})},
		{name: "forged sequencers", rate: 200, try: afterHello(&call.Query{Number: 1,
			Ask: &call.CheckSequencer{Sequencer: sequencer}})},
		{name: "nonsense from a peer", rate: 200, try: spoken(peers, conn.ForPeers(),
			func(s *conn.Stream) error { return s.Send(200, []byte("nonsense")) })},
		{name: "another cell's peer", rate: 200, try: spoken(peers, conn.ForPeers(), func(s *conn.Stream) error {
			return s.SendMessage(255, &wire.PeerPreface{Format: cell.Format, Cell: "local", CellId: make([]byte, 16),
				From: 2, To: 1, Use: 1})
		})},
		{name: "half an HTTP request", rate: 300, many: holding, try: func(ctx context.Context, at tried) {
			raw(1, func(int) []byte { return []byte("GET /livez HTTP/1.1\r\nX: ") })(ctx, tried{client: at.http})
		}},
	}
}

// begun is the begin of a frame as large as any.
var begun = sync.OnceValue(func() []byte {
	return slices.Clone(wire.AppendFrame(nil, 1, make([]byte, 2<<20-wire.FrameOverhead))[:200<<10])
})

// hoarded begins a large frame after an honest Hello, and does not end it.
func hoarded(ctx context.Context, at tried) {
	said := append(wire.AppendFrame(nil, helloKind, helloBody), begun()...)
	raw(2, func(i int) []byte {
		return [][]byte{yamux(1, 1, 1, 0), append(yamux(0, 0, 1, uint32(len(said))), said...)}[i]
	})(ctx, at)
}

// tapped lets who dials say, beside what the connection says, what no honest one would.
type tapped struct{ raw net.Conn }

func (x *tapped) Listen(string) (net.Listener, error) { return nil, net.ErrClosed }

func (x *tapped) Dial(ctx context.Context, address string) (_ net.Conn, err error) {
	x.raw, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	return x.raw, err
}

// hoardedInSession does the same in a session of its own.
func hoardedInSession(ctx context.Context, at tried) {
	o, below := conn.ForClients(), &tapped{}
	o.Network = below
	key := cell.SessionKey{}
	_, _ = rand.Read(key[:])
	spoken(func(at tried) string { return at.client }, o, func(s *conn.Stream) error {
		if _, err := asked(s, &call.Hello{Format: cell.Format}); err != nil {
			return err
		}
		m, err := asked(s, &call.Locate{})
		located, ok := m.(*call.Located)
		if !ok {
			return err
		}
		if _, err := asked(s, &call.CreateSession{Key: key, Epoch: located.Epoch}); err != nil {
			return err
		}
		said := begun()
		_, err = below.raw.Write(append(yamux(0, 0, 1, uint32(len(said))), said...))
		return err
	})(ctx, at)
}

// asked says a message and gives the answer.
func asked(s *conn.Stream, m call.Message) (call.Message, error) {
	if err := s.Send(call.Encode(m)); err != nil {
		return nil, err
	}
	kind, body, err := s.Recv()
	if err != nil {
		return nil, err
	}
	return call.Decode(kind, body)
}

var helloKind, helloBody = call.Encode(&call.Hello{Format: cell.Format})

// unread asks for a large node again and again, and takes none of the answers.
func unread(ctx context.Context, at tried) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", at.client)
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(lingers))
	said := wire.AppendFrame(nil, helloKind, helloBody)
	for n := range uint64(32) {
		kind, body := call.Encode(&call.Query{Number: n + 1, Ask: &call.Read{Name: large}})
		said = wire.AppendFrame(said, kind, body)
	}
	_, _ = c.Write(append(yamux(1, 1, 1, 16<<20-1<<18), append(yamux(0, 0, 1, uint32(len(said))), said...)...))
	select {
	case <-ctx.Done():
	case <-time.After(lingers):
	}
}

const large = "/ls/local/large" // a node of as much as one may have

// trickled is a header that comes byte by byte.
func trickled(ctx context.Context, at tried) {
	slow := time.NewTicker(lingers / 12)
	defer slow.Stop()
	raw(11, func(i int) []byte {
		<-slow.C
		return yamux(1, 1, 1, 0)[i : i+1]
	})(ctx, at)
}
