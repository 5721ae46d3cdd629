package conn_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/conn"
)

// echo answers every frame of every stream.
func echo(l *conn.Listener) {
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
}

func answer(s *conn.Stream) {
	s.Trust()
	for {
		kind, body, err := s.Recv()
		if err != nil || s.Send(kind, body) != nil {
			return
		}
	}
}

// callers makes streams to an echo: each on a connection of its own, or all on one.
func callers(b *testing.B, n int, shared bool) []*conn.Stream {
	o := conn.ForClients()
	o.Streams = 16
	l, err := conn.Listen("127.0.0.1:0", o)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, l.Close()) })
	go echo(l)
	var streams []*conn.Stream
	var c *conn.Conn
	for i := range n {
		if i == 0 || !shared {
			c, err = conn.Dial(b.Context(), l.Addr().String(), o)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, c.Close()) })
		}
		s, err := c.OpenStream(b.Context())
		require.NoError(b, err)
		streams = append(streams, s)
	}
	return streams
}

// roundTrips has every stream keep depth frames of 1 KiB on their way.
func roundTrips(b *testing.B, streams []*conn.Stream, depth int) {
	var left atomic.Int64
	left.Store(int64(b.N))
	body := make([]byte, 1024)
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for _, s := range streams {
		all.Go(func() {
			waiting := 0
			for more := true; more || waiting > 0; {
				for ; waiting < depth && more; waiting++ {
					if more = left.Add(-1) >= 0; !more {
						break
					}
					_ = s.Send(1, body)
				}
				if waiting > 0 {
					if _, _, err := s.Recv(); err != nil {
						b.Error(err)
						return
					}
					waiting--
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

func Benchmark1Outstanding(b *testing.B)   { roundTrips(b, callers(b, 1, false), 1) }
func BenchmarkPipelined64(b *testing.B)    { roundTrips(b, callers(b, 1, false), 64) }
func Benchmark64Connections(b *testing.B)  { roundTrips(b, callers(b, 64, false), 1) }
func Benchmark16StreamsOfOne(b *testing.B) { roundTrips(b, callers(b, 16, true), 1) }
func Benchmark16StreamsBy16(b *testing.B)  { roundTrips(b, callers(b, 16, true), 16) }
