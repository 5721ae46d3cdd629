package conn_test

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
)

// burst opens so many streams, from an id on, and resets each at once.
func burst(from uint32, n int) (b []byte) {
	for i := range n {
		b = append(b, frame(window, syn|rst, from+2*uint32(i), 0)...)
	}
	return b
}

// Streams that are reset as soon as they are opened are not among those that are open, and wait to
// be accepted all the same. More than fit there would leave who was told of them waiting for good.
func TestB1_StreamsThatAreGoneAtOnceLeaveNobodyWaiting(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		told, ended := make(chan *conn.Conn, 100), make(chan error, 100)
		v.l.OnStream(func(c *conn.Conn) { told <- c })
		raw, c := v.connect()
		go func() { _, _ = io.Copy(io.Discard, raw) }()
		for round := range uint32(2) { // what has been accepted makes room
			write(raw, burst(1+round*100, 16))
			synctest.Wait() // a machine that has other things to do first
			require.Len(t, told, 16)
			for range 16 {
				go func() {
					s, err := (<-told).AcceptStream()
					for ; err == nil; _, _, err = s.Recv() {
					}
					ended <- err
				}()
			}
			synctest.Wait()
			require.Len(t, ended, 16*int(round+1))
		}
		require.Equal(t, cell.ErrClosed, c.Err(), "it lives")
		write(raw, burst(301, 17))
		synctest.Wait()
		require.ErrorIs(t, c.Err(), conn.ErrStreamFlood)
	})
}
