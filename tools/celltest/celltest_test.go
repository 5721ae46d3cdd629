package celltest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// A test has a cell in one line, stops and restarts replicas of it, and its client sees a pause
// at most.
func TestACellForATest(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, err := client.New(client.Config{Endpoints: c.Endpoints, Cell: celltest.Name})
	require.NoError(t, err)
	defer func() { require.NoError(t, cl.Close()) }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := cl.NewSession(ctx)
	require.NoError(t, err)

	first := c.AwaitMaster()
	c.Stop(first)
	require.Nil(t, c.Host(first))
	stat, err := s.Create(ctx, "/ls/local/x", []byte("1"))
	require.NoError(t, err)
	require.NotEqual(t, first, c.AwaitMaster())
	c.Restart(first)
	c.AwaitApplied(stat.Zxid)
	require.Equal(t, "follower", c.Host(first).Status().Role)
	f, err := s.Read(ctx, "/ls/local/x")
	require.NoError(t, err)
	require.Equal(t, "1", string(f.Contents))
}
