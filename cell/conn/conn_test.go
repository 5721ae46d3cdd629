package conn_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

func here(t *testing.T, body func(*testing.T)) { body(t) }

// dial gives both ends of one connection, which the test's end closes.
func dial(t *testing.T, o conn.Options) (dialed, accepted *conn.Conn, l *conn.Listener) {
	t.Helper()
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	dialed, err = conn.Dial(t.Context(), l.Addr().String(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dialed.Close()) })
	accepted, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, accepted.Close()) })
	return dialed, accepted, l
}

func openStream(t *testing.T, dialed, accepted *conn.Conn) (near, far *conn.Stream) {
	t.Helper()
	near, err := dialed.OpenStream(context.Background())
	require.NoError(t, err)
	far, err = accepted.AcceptStream()
	require.NoError(t, err)
	far.Trust()
	return near, far
}

func line(t *testing.T, o conn.Options) conntest.Line {
	dialed, accepted, _ := dial(t, o)
	return conntest.Line{
		Open: func(t *testing.T) (conntest.Stream, conntest.Stream) {
			return openStream(t, dialed, accepted)
		},
		Break:      func() { _ = dialed.Close() },
		FrameLimit: o.FrameLimit, Overhead: wire.FrameOverhead, OutboxBytes: o.OutboxBytes,
	}
}

// patient are options for real sockets on a machine that may be busy with other things.
func patient(o conn.Options) conn.Options {
	o.Timeout = time.Minute
	return o
}

func TestTCPConforms(t *testing.T) {
	conntest.Run(t, here, func(t *testing.T) conntest.Line { return line(t, patient(conn.ForClients())) })
}

func TestPeersConform(t *testing.T) {
	conntest.Run(t, here, func(t *testing.T) conntest.Line { return line(t, patient(conn.ForPeers())) })
}

func TestMemoryConforms(t *testing.T) {
	conntest.Run(t, conntest.Bubble, func(t *testing.T) conntest.Line {
		o := conn.ForClients()
		o.Network = &conn.Memory{}
		return line(t, o)
	})
}

// pushed is a stream whose sender flushes each frame: a goroutine that sends for itself what leaves at
// once, and never waits for what does not.
type pushed struct{ *conn.Stream }

func (p pushed) Send(kind uint8, body []byte) error       { return p.push(false, kind, body) }
func (p pushed) SendUrgent(kind uint8, body []byte) error { return p.push(true, kind, body) }

func (p pushed) push(urgent bool, kind uint8, body []byte) error {
	defer p.Flush()
	return p.Queue(urgent, func(b []byte) (uint8, []byte) { return kind, append(b, body...) })
}

func pushing(t *testing.T, o conn.Options) conntest.Line {
	l := line(t, o)
	open := l.Open
	l.Open = func(t *testing.T) (conntest.Stream, conntest.Stream) {
		near, far := open(t)
		return pushed{near.(*conn.Stream)}, pushed{far.(*conn.Stream)}
	}
	return l
}

func TestPushedFramesConform(t *testing.T) {
	t.Run("tcp", func(t *testing.T) {
		conntest.Run(t, here, func(t *testing.T) conntest.Line { return pushing(t, patient(conn.ForClients())) })
	})
	t.Run("memory", func(t *testing.T) {
		conntest.Run(t, conntest.Bubble, func(t *testing.T) conntest.Line {
			o := conn.ForClients()
			o.Network = &conn.Memory{}
			return pushing(t, o)
		})
	})
}

func TestAnIdleConnectionLives(t *testing.T) {
	for name, o := range map[string]conn.Options{"client": conn.ForClients(), "peer": conn.ForPeers()} {
		t.Run(name, func(t *testing.T) {
			conntest.Bubble(t, func(t *testing.T) {
				o.Network = &conn.Memory{}
				dialed, accepted, _ := dial(t, o)
				near, far := openStream(t, dialed, accepted)
				require.NoError(t, near.Send(1, nil))
				_, _, err := far.Recv()
				require.NoError(t, err)
				<-time.After(10 * time.Minute)
				require.NoError(t, near.Send(2, []byte("still here")))
				_, body, err := far.Recv()
				require.NoError(t, err)
				require.Equal(t, "still here", string(body))
			})
		})
	}
}

func TestB2_AMessageIsAFrameAndBoundedLikeOne(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		o := conn.ForClients()
		o.Network = &conn.Memory{}
		dialed, accepted, _ := dial(t, o)
		near, far := openStream(t, dialed, accepted)
		m := wrapperspb.String("message")
		require.NoError(t, near.SendMessage(7, m))
		body, err := proto.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, near.Queue(true, func(b []byte) (uint8, []byte) { return 8, append(b, body...) }))
		near.Flush()
		for range 2 {
			kind, body, err := far.Recv()
			require.NoError(t, err)
			require.Contains(t, []uint8{7, 8}, kind)
			got := &wrapperspb.StringValue{}
			require.NoError(t, wire.Unmarshal(body, got))
			require.True(t, proto.Equal(m, got))
		}
		large := wrapperspb.Bytes(make([]byte, o.FrameLimit))
		var limit *cell.LimitError
		require.ErrorAs(t, near.SendMessage(7, large), &limit)
		require.Equal(t, o.FrameLimit, limit.Most)
		synctest.Wait()
		require.Zero(t, near.Queued())
		require.NoError(t, near.Send(9, nil), "and the stream lives")
		require.Same(t, dialed, near.Conn())
	})
}

func TestAListenerThatIsClosedEndsWhatItAccepted(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		o := conn.ForClients()
		o.Network = &conn.Memory{}
		dialed, accepted, l := dial(t, o)
		near, far := openStream(t, dialed, accepted)
		require.NoError(t, far.Send(1, []byte("last words")))
		_, body, err := near.Recv()
		require.NoError(t, err)
		require.Equal(t, "last words", string(body))
		require.NoError(t, l.Close())
		<-accepted.Closed()
		<-dialed.Closed()
		require.ErrorIs(t, dialed.Err(), conn.ErrHungUp)
		require.Equal(t, cell.ErrClosed, accepted.Err())
		_, err = l.Accept()
		require.Equal(t, cell.ErrClosed, err)
		_, err = dialed.OpenStream(t.Context())
		require.ErrorIs(t, err, cell.ErrClosed)
	})
}

// OnStream tells of each stream once, and of nothing else that a connection brings.
func TestOnStreamTellsOfEachStream(t *testing.T) {
	o := patient(conn.ForClients())
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	got := make(chan *conn.Stream, 8)
	l.OnStream(func(c *conn.Conn) {
		go func() {
			if s, err := c.AcceptStream(); err == nil {
				got <- s
			}
		}()
	})
	dialed, err := conn.Dial(t.Context(), l.Addr().String(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, dialed.Close()) }()
	_, err = l.Accept()
	require.NoError(t, err)
	for n := range byte(3) {
		near, err := dialed.OpenStream(t.Context())
		require.NoError(t, err)
		require.NoError(t, near.Send(1, []byte{n}))
		require.NoError(t, near.Send(1, []byte{n}))
		far := <-got
		for range 2 {
			_, body, err := far.Recv()
			require.NoError(t, err)
			require.Equal(t, []byte{n}, body)
		}
	}
	require.Empty(t, got)
}

// L1, L7: the answer to a KeepAlive comes before the end of the long reply that has begun to leave, to a client
// that takes what comes as slowly as it likes. Bulk from a client comes in one piece: it has nothing urgent.
func TestAKeepAliveAnswerDoesNotWaitForALongReply(t *testing.T) {
	dialed, accepted, _ := dial(t, patient(conn.ForClients()))
	client, replica := openStream(t, dialed, accepted)
	long := bytes.Repeat([]byte("long "), 200_000) // more than any window
	require.NoError(t, replica.Send(1, long))
	require.Eventually(t, func() bool { // as much has left as may, and nobody has read any of it
		queued := replica.Queued()
		return queued > 0 && queued <= len(long)-256<<10+1<<10
	}, time.Minute, time.Millisecond)
	require.NoError(t, replica.SendUrgent(2, []byte("renewed")))
	for _, want := range []struct {
		kind uint8
		body []byte
	}{{2, []byte("renewed")}, {1, long}} {
		kind, body, err := client.Recv()
		require.NoError(t, err)
		require.Equal(t, want.kind, kind)
		require.True(t, bytes.Equal(want.body, body))
	}
	for _, body := range [][]byte{[]byte("no stranger"), long} {
		require.NoError(t, client.Send(3, body))
		kind, got, err := replica.Recv()
		require.NoError(t, err)
		require.Equal(t, uint8(3), kind)
		require.True(t, bytes.Equal(body, got))
	}
}

// B1: pieces that make no frame end the connection.
func TestB1_PiecesOfNoFrameEndTheConnection(t *testing.T) {
	dialed, accepted, _ := dial(t, patient(conn.ForClients()))
	client, replica := openStream(t, dialed, accepted)
	require.NoError(t, replica.Send(wire.Piece, []byte("no head of a frame")))
	_, _, err := client.Recv()
	require.ErrorIs(t, err, wire.ErrFrameFormat)
	require.Eventually(t, func() bool { return dialed.Err() != cell.ErrClosed }, time.Minute, time.Millisecond)
}
