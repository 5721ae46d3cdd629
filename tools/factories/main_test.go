package main

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestMain lets this binary play the parts, too.
func TestMain(m *testing.M) {
	if part := os.Getenv(partIn); part != "" {
		play(part)
		return
	}
	os.Exit(m.Run())
}

func TestTheStoryComesToItsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("runs seven processes: go test without -short runs this")
	}
	c := celltest.Start(t, 3, func(c *host.Config) {
		c.Lengths.SessionLease, c.Lengths.SessionLeaseMax = 2*time.Second, 2*time.Second
		c.Lengths.CacheLease, c.Lengths.LockDelay = time.Second, 500*time.Millisecond
	})
	var out bytes.Buffer
	err := tell(t.Context(), c.Endpoints, "/ls/local/farm", &out)
	require.NoError(t, err, "%s", out.String())
	require.Contains(t, out.String(), "agent/5 sees no factory, and pauses")
	require.Contains(t, out.String(), "agent/5 sees factory/2")
}
