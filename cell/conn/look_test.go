package conn_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// server is a raw end that counts the pings that come, and answers them if it is told to.
type server struct {
	raw     net.Conn
	answers bool
	pings   atomic.Int64
}

func (s *server) read() {
	head := make([]byte, 12)
	for {
		if _, err := io.ReadFull(s.raw, head); err != nil {
			return
		}
		switch head[1] {
		case ping:
			s.pings.Add(1)
			if s.answers {
				write(s.raw, frame(ping, ack, 0, binary.BigEndian.Uint32(head[8:])))
			}
		case data:
			if _, err := io.CopyN(io.Discard, s.raw, int64(binary.BigEndian.Uint32(head[8:]))); err != nil {
				return
			}
		}
	}
}

// dialedBy gives what dials a server, and that server.
func dialedBy(t *testing.T, o conn.Options, answers bool) (*conn.Conn, *server) {
	network := &conn.Memory{}
	o.Network = network
	l, err := network.Listen("server:1")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	dialed, err := conn.Dial(t.Context(), "server:1", o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, dialed.Close()) })
	raw, err := l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _ = raw.Close() })
	s := &server{raw: raw, answers: answers}
	go s.read()
	return dialed, s
}

// A connection over which nothing goes is pinged once an interval, and so stays.
func TestAQuietConnectionIsPinged(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		o := conn.ForClients()
		dialed, s := dialedBy(t, o, true)
		<-time.After(100 * o.KeepAlive)
		synctest.Wait()
		require.InDelta(t, 100, s.pings.Load(), 1)
		select {
		case <-dialed.Closed():
			t.Fatal(dialed.Err())
		default:
		}
	})
}

// One on which something is said and answered more often than that needs no ping; where either side
// says nothing it does.
func TestABusyConnectionIsNotPinged(t *testing.T) {
	for name, c := range map[string]struct {
		says, answers bool
		pings         int
	}{
		"both speak": {true, true, 0}, "only we speak": {true, false, 20}, "only the other side speaks": {false, true, 20},
	} {
		t.Run(name, func(t *testing.T) {
			conntest.Bubble(t, func(t *testing.T) {
				o := conn.ForClients()
				dialed, s := dialedBy(t, o, true)
				stream, err := dialed.OpenStream(t.Context())
				require.NoError(t, err)
				write(s.raw, frame(window, ack, 1, 0))
				for range 40 {
					if c.says {
						require.NoError(t, stream.Send(1, nil))
					}
					if c.answers {
						write(s.raw, carry(1, wire.AppendFrame(nil, 1, nil)))
					}
					<-time.After(o.KeepAlive / 2)
				}
				synctest.Wait()
				require.InDelta(t, c.pings, s.pings.Load(), 1)
				require.NoError(t, stream.Send(1, nil))
			})
		})
	}
}
