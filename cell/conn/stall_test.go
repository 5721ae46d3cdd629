package conn_test

import (
	"crypto/tls"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
)

// Under TLS the time for the first frame is that for the handshake too: who stalls in it, silent or
// with a hello that never ends, is half-open until it is closed, and gives way like all others.
func TestB1_AHandshakeThatStallsIsHalfOpen(t *testing.T) {
	own, _ := certificate(t)
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) {
			o.HalfOpen, o.TLS = 2, &tls.Config{Certificates: []tls.Certificate{own}}
		})
		hello := []byte{22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc} // a ClientHello of 16 KiB begins
		var conns []*conn.Conn
		var raws []net.Conn
		for _, begun := range [][]byte{nil, hello, hello} {
			raw, c := v.connect()
			write(raw, begun)
			synctest.Wait()
			raws, conns = append(raws, raw), append(conns, c)
		}
		require.ErrorIs(t, conns[0].Err(), conn.ErrEvicted)
		require.Equal(t, conn.Counts{Open: 2, HalfOpen: 2, Accepted: 3, Evicted: 1}, v.l.Counts())
		for range 20 { // a byte now and then moves nothing
			<-time.After(v.o.HalfOpenTime / 20)
			write(raws[1], []byte{0})
		}
		<-time.After(time.Second)
		synctest.Wait()
		for _, c := range conns[1:] {
			require.ErrorIs(t, c.Err(), conn.ErrHalfOpen)
			require.NotErrorIs(t, c.Err(), cell.ErrProtocol)
		}
		require.Equal(t, 0, v.l.Counts().Open)
	})
}
