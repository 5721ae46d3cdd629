package client

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
)

// cached makes a session with a full cache and no network.
func cached(t testing.TB, size int) *Session {
	c, err := New(Config{})
	require.NoError(t, err)
	s := newSession(c, session.New(session.Config{Endpoints: []string{"nobody:1"}}))
	s.cache.Begin(1)
	s.cache.Renew(1, lease.Never)
	stat := cell.Stat{Name: "/ls/local/app/config", Instance: 3, Size: size,
		Checksum: cell.Checksum(make([]byte, size))}
	require.True(t, s.cache.FillNode(s.cache.Ticket(), 1, stat, make([]byte, size), true))
	return s
}

func BenchmarkCachedRead(b *testing.B) {
	s := cached(b, 1024)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Read(ctx, "/ls/local/app/config"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkClockReading(b *testing.B) {
	for b.Loop() {
		clock.Now()
	}
}

// TestL4_CachedReadCostsOneAllocation: the caller's own copy, and nothing else.
func TestL4_CachedReadCostsOneAllocation(t *testing.T) {
	s := cached(t, 1024)
	ctx := context.Background()
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() {
		_, _ = s.Read(ctx, "/ls/local/app/config")
	}), 1.0)
}
