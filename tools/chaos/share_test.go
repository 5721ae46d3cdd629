package chaos

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Reads of a file that nobody writes: the master counts the requests that reach it.
func TestC6_ReadsOfAnUnwrittenFileStayInTheClient(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	ctx := context.Background()
	s, err := p.client().NewSession(ctx)
	require.NoError(t, err)
	_, err = s.Create(ctx, file, []byte("unwritten"))
	require.NoError(t, err)
	m := p.master()
	asked := func() float64 { return p.metric(m, `cell_requests_total{code="ok",op="read"}`) }
	read := func() {
		f, err := s.Read(ctx, file)
		require.NoError(t, err)
		require.Equal(t, "unwritten", string(f.Contents))
	}
	require.Eventually(t, func() bool { // that it caches must be logged first (C5): until then it asks
		before := asked()
		read()
		return asked() == before
	}, time.Minute, time.Millisecond)
	require.Positive(t, asked(), "the first read asks")
	before := asked()
	const reads = 10_000
	for range reads {
		read()
	}
	left := asked() - before
	t.Logf("%d reads, %v of them reached the master", reads, left)
	require.Less(t, left, 0.01*reads)
}
