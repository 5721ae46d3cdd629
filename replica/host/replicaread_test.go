package host_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestB3_ReadsAtReplicasComeAgainWhenTold: who asks a replica for more than it may is told when to come
// again, and the library does.
func TestB3_ReadsAtReplicasComeAgainWhenTold(t *testing.T) {
	c := celltest.Start(t, 1)
	s, ctx := session(t, c), t.Context()
	require.NoError(t, s.Set(ctx, "session_rate", 5))
	for range 12 {
		_, err := s.Read(ctx, "/ls/local", client.AtReplica())
		require.NoError(t, err)
	}
	requests := `cell_requests_total{code="overloaded",op="replica_read"}`
	require.Positive(t, metric(t, c, 1, requests), "it was told")
}
