package conn_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/conntest"
	"github.com/leasehold/leasehold/cell/wire"
)

// The parts of a yamux header.
const (
	data, window, ping, goAway = 0, 1, 2, 3
	syn, ack, fin, rst         = 1, 2, 4, 8
)

// frame is one yamux frame; of data, with as many zeros as it says.
func frame(kind uint8, flags uint16, stream, length uint32) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0, kind}, flags)
	b = binary.BigEndian.AppendUint32(b, stream)
	b = binary.BigEndian.AppendUint32(b, length)
	if kind == data {
		b = append(b, make([]byte, length)...)
	}
	return b
}

// carry is a data frame with contents.
func carry(stream uint32, contents []byte) []byte {
	return append(frame(data, 0, stream, uint32(len(contents)))[:12], contents...)
}

// victim is a listener in a bubble, its log, and the connections it accepted.
type victim struct {
	t       *testing.T
	network *conn.Memory
	l       *conn.Listener
	o       conn.Options

	mu    sync.Mutex
	lines []string
}

func newVictim(t *testing.T, change func(*conn.Options)) *victim {
	v := &victim{t: t, network: &conn.Memory{}, o: conn.ForClients()}
	v.o.Network = v.network
	if change != nil {
		change(&v.o)
	}
	v.o.Log = func(level, msg string, kv ...any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if level == "warn" {
			v.lines = append(v.lines, msg)
		}
	}
	l, err := conn.Listen("victim:1", v.o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	v.l = l
	return v
}

// connect gives the attacker's raw end, and the victim's connection.
func (v *victim) connect() (net.Conn, *conn.Conn) {
	raw, err := v.network.Dial(v.t.Context(), "victim:1")
	require.NoError(v.t, err)
	v.t.Cleanup(func() { _ = raw.Close() })
	c, err := v.l.Accept()
	require.NoError(v.t, err)
	return raw, c
}

func (v *victim) warnings() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.lines)
}

// write is an attacker who does not mind being cut off.
func write(raw net.Conn, bytes ...[]byte) {
	for _, b := range bytes {
		if _, err := raw.Write(b); err != nil {
			return
		}
	}
}

func repeat(n int, b []byte) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = b
	}
	return all
}

func TestB1_WhatNoHonestSideSendsEndsTheConnectionByName(t *testing.T) {
	opened := frame(window, syn, 1, 0)
	floodOfStreams := func() (b [][]byte) {
		for i := range uint32(100) {
			b = append(b, frame(window, syn, 1+2*i, 0))
		}
		return b
	}
	floodOfShortStreams := func() (b [][]byte) {
		for i := range uint32(1000) {
			b = append(b, frame(window, syn, 1+2*i, 0), frame(window, rst, 1+2*i, 0))
		}
		return b
	}
	for name, attack := range map[string]struct {
		sent   [][]byte
		reason error
	}{
		"http":                      {[][]byte{[]byte("GET / HTTP/1.1\r\nHost: victim\r\n\r\n")}, conn.ErrGarbage},
		"a later version of yamux":  {[][]byte{{1, data, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}}, conn.ErrGarbage},
		"an unknown frame":          {[][]byte{frame(4, 0, 0, 0)}, conn.ErrGarbage},
		"an unknown flag":           {[][]byte{frame(window, 16, 1, 0)}, conn.ErrGarbage},
		"a flood of pings":          {repeat(10_000, frame(ping, syn, 0, 7)), conn.ErrPingFlood},
		"a flood of answers":        {repeat(10_000, frame(ping, ack, 0, 7)), conn.ErrPingFlood},
		"a flood of going away":     {repeat(10_000, frame(goAway, 0, 0, 0)), conn.ErrPingFlood},
		"a ping on a stream":        {[][]byte{frame(ping, syn, 1, 7)}, conn.ErrGarbage},
		"a flood of streams":        {floodOfStreams(), conn.ErrStreamFlood},
		"a flood of short streams":  {floodOfShortStreams(), conn.ErrStreamFlood},
		"stream 0":                  {[][]byte{frame(window, syn, 0, 0)}, conn.ErrGarbage},
		"a stream of our parity":    {[][]byte{frame(window, syn, 2, 0)}, conn.ErrGarbage},
		"a stream opened twice":     {[][]byte{opened, opened}, conn.ErrGarbage},
		"a stream id that falls":    {[][]byte{frame(window, syn, 3, 0), opened}, conn.ErrGarbage},
		"an acknowledgement":        {[][]byte{opened, frame(window, ack, 1, 0)}, conn.ErrGarbage},
		"a frame over the window":   {[][]byte{opened, frame(data, 0, 1, 256<<10+1)}, conn.ErrGarbage},
		"a length of 4 GiB":         {[][]byte{opened, {0, data, 0, 0, 0, 0, 0, 1, 255, 255, 255, 255}}, conn.ErrGarbage},
		"an empty frame":            {[][]byte{opened, frame(data, 0, 1, 0)}, conn.ErrGarbage},
		"an empty update":           {[][]byte{opened, frame(window, 0, 1, 0)}, conn.ErrGarbage},
		"a window without end":      {append([][]byte{opened}, repeat(300, frame(window, 0, 1, 64<<10))...), conn.ErrGarbage},
		"data after the end":        {[][]byte{opened, frame(window, fin, 1, 0), frame(data, 0, 1, 1)}, conn.ErrGarbage},
		"an end after the end":      {[][]byte{opened, frame(window, fin, 1, 0), frame(window, fin, 1, 0)}, conn.ErrGarbage},
		"frames for no stream":      {repeat(5_000, frame(data, 0, 77, 1)), conn.ErrStrayFlood},
		"updates for no stream":     {repeat(5_000, frame(window, 0, 77, 1)), conn.ErrStrayFlood},
		"more frames than a window": {append([][]byte{opened}, repeat(3, frame(data, 0, 1, 200_000))...), conn.ErrHungUp},
	} {
		t.Run(name, func(t *testing.T) {
			conntest.Bubble(t, func(t *testing.T) {
				v := newVictim(t, nil)
				raw, c := v.connect()
				go write(raw, attack.sent...)
				go func() { _, _ = io.Copy(io.Discard, raw) }()
				<-c.Closed()
				if c.Err() != cell.ErrClosed { // yamux itself has found it
					require.ErrorIs(t, c.Err(), attack.reason)
					synctest.Wait()
					require.Equal(t, 1, v.warnings(), "logged once")
				}
				_, err := c.AcceptStream()
				for err == nil {
					_, err = c.AcceptStream()
				}
				require.ErrorIs(t, err, c.Err())
				synctest.Wait()
				require.Zero(t, v.l.Counts().Open)
			})
		})
	}
}

func TestB1_AnOversizeFrameEndsItsConnectionAndNoOther(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		honest, err := conn.Dial(t.Context(), "victim:1", v.o)
		require.NoError(t, err)
		defer honest.Close()
		accepted, err := v.l.Accept()
		require.NoError(t, err)
		near, far := openStream(t, honest, accepted)

		raw, c := v.connect()
		go func() { _, _ = io.Copy(io.Discard, raw) }()
		head := wire.AppendFrame(nil, 1, make([]byte, v.o.FrameLimit))[:wire.FrameOverhead]
		write(raw, frame(window, syn, 1, 0), carry(1, head))
		s, err := c.AcceptStream()
		require.NoError(t, err)
		s.Trust()
		_, _, err = s.Recv()
		require.ErrorIs(t, err, cell.ErrProtocol)
		var large *cell.LimitError
		require.ErrorAs(t, err, &large)
		require.Equal(t, v.o.FrameLimit, large.Most)
		<-c.Closed()
		require.Equal(t, err, c.Err())
		synctest.Wait()
		require.Equal(t, 1, v.warnings())

		require.NoError(t, near.Send(1, []byte("unharmed")))
		_, body, err := far.Recv()
		require.NoError(t, err)
		require.Equal(t, "unharmed", string(body))
	})
}

func TestB1_AFrameThatIsCutOffIsNoFrame(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		whole := wire.AppendFrame(nil, 1, []byte("contents"))
		for cut := range len(whole) {
			raw, c := v.connect()
			go func() { _, _ = io.Copy(io.Discard, raw) }()
			write(raw, frame(window, syn, 1, 0), carry(1, append(whole, whole[:cut]...)), frame(window, fin, 1, 0))
			s, err := c.AcceptStream()
			require.NoError(t, err)
			_, body, err := s.Recv()
			require.NoError(t, err)
			require.Equal(t, "contents", string(body))
			_, _, err = s.Recv()
			if cut == 0 {
				require.Equal(t, io.EOF, err)
			} else {
				require.ErrorIs(t, err, wire.ErrFrameTruncated)
			}
			require.NoError(t, c.Close())
		}
	})
}

func TestB1_AThousandHalfOpenConnectionsKeepNobodyOut(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) { o.HalfOpen = 32 })
		go func() {
			for {
				if _, err := v.l.Accept(); err != nil {
					return
				}
			}
		}()
		var raws []net.Conn
		for range 1000 {
			raw, err := v.network.Dial(t.Context(), "victim:1")
			require.NoError(t, err)
			raws = append(raws, raw)
			synctest.Wait()
			require.LessOrEqual(t, v.l.Counts().HalfOpen, 32)
		}
		require.EqualValues(t, 32, v.l.Counts().Accepted, "each has a moment")
		<-time.After(33 * time.Second) // they give way in turn, 32 a second
		synctest.Wait()
		require.Equal(t, conn.Counts{Open: 32, HalfOpen: 32, Accepted: 1000, Evicted: 968}, v.l.Counts())
		require.Less(t, runtime.NumGoroutine(), 32*4+50)

		honest, err := conn.Dial(t.Context(), "victim:1", v.o) // in, while they are still there
		require.NoError(t, err)
		defer honest.Close()
		_, err = honest.OpenStream(t.Context())
		require.NoError(t, err)
		<-time.After(time.Second)
		synctest.Wait()
		require.EqualValues(t, 1001, v.l.Counts().Accepted)
		require.Equal(t, 32, v.l.Counts().HalfOpen)

		<-time.After(v.o.HalfOpenTime)
		synctest.Wait()
		require.Zero(t, v.l.Counts().Open, "half-open connections end in time")
		require.ErrorIs(t, honest.Err(), cell.ErrClosed, "also one that has only opened a stream")
		require.LessOrEqual(t, v.warnings(), 220, "the log is bounded: five lines a second, after twenty")
		for _, raw := range raws {
			require.NoError(t, raw.Close())
		}
	})
}

func TestB2_ConnectionsHaveALimit(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, func(o *conn.Options) { o.MaxConns, o.HalfOpen = 3, 3 })
		var kept []*conn.Conn
		for range 3 {
			_, c := v.connect()
			kept = append(kept, c)
		}
		raw, err := v.network.Dial(t.Context(), "victim:1")
		require.NoError(t, err)
		accepted := make(chan *conn.Conn)
		go func() {
			c, _ := v.l.Accept()
			accepted <- c
		}()
		_, err = raw.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err, "over the limit: closed at once")
		synctest.Wait()
		require.EqualValues(t, 1, v.l.Counts().Refused)
		require.Equal(t, 1, v.warnings())

		require.NoError(t, kept[0].Close())
		_, err = v.network.Dial(t.Context(), "victim:1")
		require.NoError(t, err)
		require.NotNil(t, <-accepted, "one gone, one more fits")
	})
}

func TestB2_StreamsHaveALimit(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		o := conn.ForClients()
		o.Network = &conn.Memory{}
		dialed, accepted, _ := dial(t, o)
		var near, far *conn.Stream
		for range o.Streams {
			near, far = openStream(t, dialed, accepted)
		}
		_, err := dialed.OpenStream(t.Context())
		require.ErrorIs(t, err, conn.ErrTooManyStreams)
		require.ErrorIs(t, err, cell.ErrOverloaded)

		require.NoError(t, near.Close())
		_, _, err = far.Recv() // which closes the other end
		require.Equal(t, io.EOF, err)
		synctest.Wait()
		openStream(t, dialed, accepted)
	})
}

func TestB1_WhoTakesNoBytesIsLeft(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		raw, c := v.connect()
		write(raw, frame(window, syn, 1, 0), carry(1, wire.AppendFrame(nil, 1, nil)))
		s, err := c.AcceptStream()
		require.NoError(t, err)
		_, _, err = s.Recv()
		require.NoError(t, err)
		go func() { // alive, but never reads
			for {
				select {
				case <-c.Closed():
					return
				case <-time.After(time.Second):
					write(raw, frame(ping, syn, 0, 1))
				}
			}
		}()
		start := time.Now()
		for range 30 {
			require.NoError(t, s.Send(1, make([]byte, 32<<10)))
		}
		<-c.Closed()
		require.ErrorIs(t, c.Err(), conn.ErrStalled)
		require.LessOrEqual(t, time.Since(start), 3*v.o.Timeout)
		_, _, err = s.Recv()
		require.ErrorIs(t, err, conn.ErrStalled)
		synctest.Wait()
		require.Equal(t, 1, v.warnings())
	})
}

func TestB1_WhoSaysNothingIsLeft(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		raw, c := v.connect()
		go func() { _, _ = io.Copy(io.Discard, raw) }()
		write(raw, frame(window, syn, 1, 0), carry(1, wire.AppendFrame(nil, 1, nil)))
		s, err := c.AcceptStream()
		require.NoError(t, err)
		_, _, err = s.Recv()
		require.NoError(t, err)
		start := time.Now()
		_, _, err = s.Recv()
		require.ErrorIs(t, err, conn.ErrIdle)
		require.LessOrEqual(t, time.Since(start), 2*(v.o.KeepAlive+v.o.Timeout))
	})
}

func TestADeadServerIsNoticedByWhoDialed(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		o := conn.ForPeers()
		network := &conn.Memory{}
		o.Network = network
		raw, err := network.Listen("dead:1")
		require.NoError(t, err)
		defer raw.Close()
		dialed, err := conn.Dial(t.Context(), "dead:1", o)
		require.NoError(t, err)
		start := time.Now()
		<-dialed.Closed()
		require.ErrorIs(t, dialed.Err(), conn.ErrIdle)
		require.LessOrEqual(t, time.Since(start), 2*(o.KeepAlive+o.Timeout))
	})
}

func TestACutConnectionEndsAndOneDialedAnewWorks(t *testing.T) {
	conntest.Bubble(t, func(t *testing.T) {
		v := newVictim(t, nil)
		dialed, err := conn.Dial(t.Context(), "victim:1", v.o)
		require.NoError(t, err)
		v.network.Cut("victim:1")
		<-dialed.Closed()
		require.ErrorIs(t, dialed.Err(), conn.ErrHungUp)
		_, err = conn.Dial(t.Context(), "victim:1", v.o)
		require.Error(t, err)
		v.network.Heal("victim:1")
		again, err := conn.Dial(t.Context(), "victim:1", v.o)
		require.NoError(t, err)
		require.NoError(t, again.Close())
	})
}

// Random bytes, on real sockets: whatever comes, every connection ends or waits, and an honest
// one works beside them.
func TestB1_NoiseOnRealSockets(t *testing.T) {
	o := patient(conn.ForClients())
	dialed, accepted, l := dial(t, o)
	near, far := openStream(t, dialed, accepted)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				for {
					s, err := c.AcceptStream()
					if err != nil {
						return
					}
					go answer(s)
				}
			}()
		}
	}()
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		raw, err := net.Dial("tcp", l.Addr().String())
		require.NoError(t, err)
		noise := make([]byte, rng.IntN(2000))
		for j := range noise {
			noise[j] = byte(rng.Uint32())
		}
		if i%2 == 0 {
			noise = append(frame(window, syn, 1, 0), carry(1, noise)...)
		}
		write(raw, noise)
		require.NoError(t, raw.(*net.TCPConn).CloseWrite())
		_, err = io.Copy(io.Discard, raw)
		require.True(t, err == nil || !errors.Is(err, net.ErrClosed), "%v", err)
		require.NoError(t, raw.Close())

		require.NoError(t, near.Send(1, []byte{byte(i)}))
		_, body, err := far.Recv()
		require.NoError(t, err)
		require.True(t, bytes.Equal([]byte{byte(i)}, body))
	}
}

func TestIdleConnectionsCostLittle(t *testing.T) {
	o := patient(conn.ForClients())
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(t, err)
	defer l.Close()
	const many = 200
	var before, after runtime.MemStats
	goroutines := runtime.NumGoroutine()
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range many {
		dialed, err := conn.Dial(t.Context(), l.Addr().String(), o)
		require.NoError(t, err)
		defer dialed.Close()
		accepted, err := l.Accept()
		require.NoError(t, err)
		near, far := openStream(t, dialed, accepted)
		require.NoError(t, near.Send(1, make([]byte, 1000)))
		_, _, err = far.Recv()
		require.NoError(t, err)
	}
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapInuse + after.StackInuse - before.HeapInuse - before.StackInuse) / many
	t.Logf("%d bytes and %d goroutines each, both ends", each, (runtime.NumGoroutine()-goroutines)/many)
	require.Less(t, each, uint64(80<<10))
	require.LessOrEqual(t, (runtime.NumGoroutine()-goroutines)/many, 6)
}
