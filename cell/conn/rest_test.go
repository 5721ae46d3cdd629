package conn_test

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// resting is a stream whose receiver goes whenever it may. It is in no hurry, so that it often may.
type resting struct {
	*conn.Stream
	rests   bool
	resumed chan struct{}
	count   *int
}

func (r *resting) Recv() (kind uint8, body []byte, err error) {
	for r.rests {
		<-r.resumed
		r.rests = r.Rest(r.resume)
	}
	kind, body, err = r.Stream.Recv()
	body = bytes.Clone(body)
	<-time.After(2 * time.Second)
	if r.rests = r.Rest(r.resume); r.rests {
		*r.count++
	}
	return kind, body, err
}

func (r *resting) resume() { r.resumed <- struct{}{} }

// Whoever rests misses nothing, neither frames nor ends, and is called once for each time.
func TestAReceiverThatRestsConforms(t *testing.T) {
	count := 0
	conntest.Run(t, conntest.Bubble, func(t *testing.T) conntest.Line {
		o := conn.ForClients()
		o.Network, o.Timeout = &conn.Memory{}, time.Hour
		l := line(t, o)
		open := l.Open
		l.Open = func(t *testing.T) (conntest.Stream, conntest.Stream) {
			near, far := open(t)
			return near, &resting{Stream: far.(*conn.Stream), resumed: make(chan struct{}, 1), count: &count}
		}
		return l
	})
	require.Greater(t, count, 10)
}

// rested is an accepted stream that nobody reads, and how often its receiver was called.
func rested(t *testing.T) (near, far *conn.Stream, resumed *int) {
	o := conn.ForClients()
	o.Network = &conn.Memory{}
	dialed, accepted, _ := dial(t, o)
	near, far = openStream(t, dialed, accepted)
	require.NoError(t, near.Send(1, nil))
	_, _, err := far.Recv()
	require.NoError(t, err)
	synctest.Wait()
	resumed = new(int)
	require.True(t, far.Rest(func() { *resumed++ }))
	return near, far, resumed
}

func TestWhoRestsIsCalledWhenThereIsSomethingToReceive(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(near, far *conn.Stream) error
		want    error
	}{
		"a frame":                       {func(near, _ *conn.Stream) error { return near.Send(1, []byte("x")) }, nil},
		"the other side closes it":      {func(near, _ *conn.Stream) error { return near.Close() }, io.EOF},
		"this side closes it":           {func(_, far *conn.Stream) error { return far.Close() }, cell.ErrClosed},
		"the other side hangs up":       {func(near, _ *conn.Stream) error { return near.Conn().Close() }, conn.ErrHungUp},
		"this side ends the connection": {func(_, far *conn.Stream) error { return far.Conn().Close() }, cell.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			conntest.Bubble(t, func(t *testing.T) {
				near, far, resumed := rested(t)
				<-time.After(time.Hour)
				require.Zero(t, *resumed, "pings are nothing to receive")
				require.NoError(t, c.happens(near, far))
				synctest.Wait()
				require.Equal(t, 1, *resumed)
				_, _, err := far.Recv()
				require.ErrorIs(t, err, c.want)
			})
		})
	}
}

func TestNobodyRestsBeforeWhatHasCome(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		near, far, resumed := rested(t)
		require.NoError(t, near.Send(1, []byte("one")))
		require.NoError(t, near.Send(2, []byte("two")))
		synctest.Wait()
		require.Equal(t, 1, *resumed)
		for _, want := range []string{"one", "two"} {
			require.False(t, far.Rest(func() { *resumed++ }))
			_, body, err := far.Recv()
			require.NoError(t, err)
			require.Equal(t, want, string(body))
		}
		require.True(t, far.Rest(func() { *resumed++ }))
		require.NoError(t, near.Close())
		synctest.Wait()
		require.False(t, far.Rest(func() { *resumed++ }), "it has ended")
		require.Equal(t, 2, *resumed)
	})
}

// A goroutine that stays costs less where frames come without a pause.
func TestNobodyRestsWhereFramesComeWithoutAPause(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		near, far, _ := rested(t)
		hear := func() (rests bool) {
			require.NoError(t, near.Send(1, nil))
			synctest.Wait()
			_, _, err := far.Recv()
			require.NoError(t, err)
			return far.Rest(func() {})
		}
		require.True(t, hear())
		for range 10 {
			hear()
		}
		require.False(t, hear())
		<-time.After(5 * time.Second)
		require.True(t, hear(), "there was a pause")
	})
}

// Thousands of sessions stand idle most of the time: what one takes is recorded, so that nobody raises it
// unawares. Most of it is yamux's: two goroutines, a buffer of 4 KiB, and one of a KiB for its stream.
func TestB2_AnIdleConnectionTakesLittleMemory(t *testing.T) {
	const most, n = 18 << 10, 300
	o := patient(conn.ForClients())
	o.HalfOpen = n
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	idle := make(chan *conn.Stream, n)
	var kept [n]*conn.Stream
	before := inUse()
	for i := range n {
		raw, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { _ = raw.Close() })
		c, err := l.Accept()
		require.NoError(t, err)
		go receive(c, idle)
		write(raw, frame(window, syn, 1, 0), carry(1, wire.AppendFrame(nil, 1, []byte("here I am"))))
		kept[i] = <-idle
	}
	each := (inUse() - before) / n
	t.Logf("%d bytes of heap and stacks for each", each)
	require.Less(t, each, uint64(most))
	runtime.KeepAlive(&kept)
}

// receive takes a stream's first frame and lets it rest.
func receive(c *conn.Conn, idle chan<- *conn.Stream) {
	s, err := c.AcceptStream()
	if err == nil {
		_, _, err = s.Recv()
	}
	if err == nil && s.Rest(func() {}) {
		idle <- s
		return
	}
	idle <- nil
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
