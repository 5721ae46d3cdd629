package conn_test

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
)

// Whatever a connection begins with, raw or inside of an honest stream: it ends when the other side has
// said it all, by name, and nothing of it is left.
func FuzzB1_FirstBytes(f *testing.F) {
	hello := wire.AppendFrame(nil, 1, []byte("hello"))
	for _, b := range [][]byte{
		nil, []byte("GET / HTTP/1.1\r\n\r\n"), {22, 3, 1, 0, 5, 1, 0, 0, 1, 0}, frame(window, syn, 1, 0),
		frame(ping, syn, 0, 1),
		append(frame(window, syn, 1, 0), carry(1, hello)...), hello, hello[:3], append(hello, hello...),
		wire.AppendFrame(nil, 1, make([]byte, 20<<10)), frame(goAway, 0, 0, 0), frame(window, rst|fin, 1, 1),
	} {
		f.Add(b, false)
		f.Add(b, true)
	}
	o := conn.ForClients()
	f.Fuzz(func(t *testing.T, said []byte, inside bool) {
		if len(said) > 64<<10 {
			return // what a socket in memory takes at once
		}
		network := &conn.Memory{}
		o := o
		o.Network = network
		l, err := conn.Listen("victim:1", o)
		require.NoError(t, err)
		raw, err := network.Dial(t.Context(), "victim:1")
		require.NoError(t, err)
		c, err := l.Accept()
		require.NoError(t, err)
		if inside {
			said = append(frame(window, syn, 1, 0), carry(1, said)...)
		}
		go saysAll(raw, said)
		for {
			s, err := c.AcceptStream()
			if err != nil {
				break
			}
			for err == nil {
				_, _, err = s.Recv()
			}
			require.NoError(t, s.Close())
		}
		<-c.Closed()
		require.Error(t, c.Err())
		require.NoError(t, l.Close())
		for end := time.Now().Add(time.Minute); l.Counts().Open > 0; runtime.Gosched() { // who found its end counts it
			require.True(t, time.Now().Before(end), "it is counted for ever")
		}
	})
}

// saysAll says it, and hangs up.
func saysAll(raw net.Conn, said []byte) {
	go func() { _, _ = io.Copy(io.Discard, raw) }()
	write(raw, said)
	_ = raw.Close()
}
