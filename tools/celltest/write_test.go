package celltest_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// BenchmarkWrite64 is 64 sessions on as many connections, each writing 1 KiB to a file of its
// own, one write in flight each, to five replicas in this process.
func BenchmarkWrite64(b *testing.B) {
	const sessions = 64
	c := celltest.Start(b, 5)
	data := make([]byte, 1024)
	var all []*client.Session
	for i := range sessions {
		x, err := client.New(client.Config{Endpoints: c.Endpoints})
		require.NoError(b, err)
		b.Cleanup(func() { _ = x.Close() })
		s, err := x.NewSession(b.Context())
		require.NoError(b, err)
		_, err = s.Create(b.Context(), fmt.Sprintf("/ls/local/w%d", i), nil)
		require.NoError(b, err)
		all = append(all, s)
	}
	b.SetBytes(int64(len(data)))
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wait sync.WaitGroup
	for i, s := range all {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for left.Add(-1) >= 0 {
				if _, err := s.Write(b.Context(), fmt.Sprintf("/ls/local/w%d", i), data); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wait.Wait()
}

// BenchmarkCachedRead is a read of 1 KiB that never leaves the client.
func BenchmarkCachedRead(b *testing.B) {
	c := celltest.Start(b, 1)
	x, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(b, err)
	b.Cleanup(func() { _ = x.Close() })
	s, err := x.NewSession(b.Context())
	require.NoError(b, err)
	_, err = s.Create(b.Context(), "/ls/local/file", make([]byte, 1024))
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(b.Context(), "/ls/local/file"); err != nil {
			b.Fatal(err)
		}
	}
}
