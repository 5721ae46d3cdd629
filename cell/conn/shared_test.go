package conn_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// spoken gives a stream on which the attacker has said something small already, and is trusted.
func (v *victim) spoken() (net.Conn, *conn.Stream) {
	raw, c := v.connect()
	write(raw, frame(window, syn, 1, 0), carry(1, wire.AppendFrame(nil, 1, []byte("hello"))))
	s, err := c.AcceptStream()
	require.NoError(v.t, err)
	_, _, err = s.Recv()
	require.NoError(v.t, err)
	s.Trust()
	return raw, s
}

// honestly gives both ends of a stream that has said something small.
func (v *victim) honestly() (near, far *conn.Stream) {
	dialed, err := conn.Dial(v.t.Context(), "victim:1", v.o)
	require.NoError(v.t, err)
	v.t.Cleanup(func() { _ = dialed.Close() })
	accepted, err := v.l.Accept()
	require.NoError(v.t, err)
	near, far = openStream(v.t, dialed, accepted)
	require.NoError(v.t, near.Send(1, []byte("hello")))
	_, _, err = far.Recv()
	require.NoError(v.t, err)
	return near, far
}

// A stranger's frames are small, whatever small ones he has said before: nobody's memory is taken, nor the time
// that reading much takes. Who is trusted says what is large.
func TestB1_AStrangersFramesAreSmall(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		const most = 16 << 10
		small := wire.AppendFrame(nil, 1, make([]byte, most-wire.FrameOverhead))
		head := wire.AppendFrame(nil, 1, make([]byte, most))[:wire.FrameOverhead]
		for before := range 3 {
			raw, c := v.connect()
			go func() { _, _ = io.Copy(io.Discard, raw) }()
			write(raw, frame(window, syn, 1, 0), carry(1, append(bytes.Repeat(small, before), head...)))
			s, err := c.AcceptStream()
			require.NoError(t, err)
			for range before {
				_, _, err = s.Recv()
				require.NoError(t, err)
			}
			_, _, err = s.Recv()
			var large *cell.LimitError
			require.ErrorAs(t, err, &large)
			require.Equal(t, cell.LimitError{Limit: "frame of a stranger", Most: most, Got: most + wire.FrameOverhead}, *large)
		}

		near, far := v.honestly()
		require.NoError(t, near.Send(2, make([]byte, v.o.FrameLimit-wire.FrameOverhead)))
		_, _, err := far.Recv()
		require.NoError(t, err)
	})
}

// Who begins large frames and does not end them, on however many connections, holds a bounded part of the
// memory: those begun first give way in turn, and what honest others send arrives.
func TestB1_FramesThatDoNotEndGiveWay(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) { o.Arriving = 4 * 2 * o.FrameLimit })
		const many, fit = 40, 4
		begun := wire.AppendFrame(nil, 1, make([]byte, v.o.FrameLimit-wire.FrameOverhead))[:200<<10]
		near, far := v.honestly()
		ends := make(chan error, many)
		for range many {
			raw, s := v.spoken()
			go func() { _, _ = io.Copy(io.Discard, raw) }()
			go func() {
				_, _, err := s.Recv()
				ends <- err
			}()
			write(raw, carry(1, begun))
		}
		synctest.Wait()
		require.Empty(t, ends, "each has a moment")
		for range 3 {
			require.NoError(t, near.Send(1, make([]byte, v.o.FrameLimit-wire.FrameOverhead)))
			_, _, err := far.Recv()
			require.NoError(t, err)
			require.NoError(t, near.Send(1, nil))
			_, _, err = far.Recv()
			require.NoError(t, err)
		}
		<-time.After(10 * time.Second) // of its idleness nobody has ended yet
		synctest.Wait()
		require.GreaterOrEqual(t, len(ends), many-fit)
		for range len(ends) {
			require.ErrorIs(t, <-ends, conn.ErrHoards)
		}
		require.NoError(t, near.Close())
	})
}

// Outboxes of connections that are not read divide what all may have: none gets all that one alone
// may, and what is small leaves for everybody.
func TestB2_OutboxesDivideWhatAllMayHave(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) { o.Outboxes, o.Timeout = 16<<20, time.Hour })
		near, far := v.honestly()
		var unread []*conn.Stream
		queued := func() (all int) {
			for _, s := range unread {
				all += s.Queued()
			}
			return all
		}
		ended := 0
		for range 50 {
			_, s := v.spoken()
			unread = append(unread, s)
			for range 64 { // 4 MiB: half of what one alone may have
				if err := s.Send(1, make([]byte, 64<<10)); err != nil {
					require.ErrorIs(t, err, conn.ErrOverflow)
					ended++
					break
				}
			}
			synctest.Wait()
			require.LessOrEqual(t, queued(), v.o.Outboxes+len(unread)*(128<<10))
		}
		require.Greater(t, ended, 40)
		require.Greater(t, queued(), v.o.Outboxes/2, "those that came first have theirs")
		require.NoError(t, far.Send(1, make([]byte, 32<<10)))
		_, _, err := near.Recv()
		require.NoError(t, err)
	})
}
