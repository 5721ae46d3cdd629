package client_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC6_ReadsAtReplicas: a client reads its own writes at whatever replica answers; with Sync it
// reads those of everybody; without a master, what it may.
func TestC6_ReadsAtReplicas(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, s := open(t, c)
	other, _ := open(t, c)
	ctx := limited(t)
	for i := range 50 {
		st, err := s.Write(ctx, "/ls/local/n", []byte{byte(i)}, client.OrCreate())
		require.NoError(t, err)
		for range 3 {
			f, err := s.Read(ctx, "/ls/local/n", client.AtReplica())
			require.NoError(t, err)
			require.GreaterOrEqual(t, f.Stat.Zxid, st.Zxid, "its own write")
		}
		f, err := other.Read(ctx, "/ls/local/n", client.Sync())
		require.NoError(t, err)
		require.Equal(t, []byte{byte(i)}, f.Contents)
	}
	kids, err := cl.List(ctx, "/ls/local", client.AtReplica())
	require.NoError(t, err)
	require.Len(t, kids, 1)
	_, err = s.Stat(ctx, "/ls/local/none", client.AtReplica())
	require.ErrorIs(t, err, cell.ErrNotFound)
	h, err := s.Open(ctx, "/ls/local/n")
	require.NoError(t, err)
	require.NoError(t, s.Delete(ctx, "/ls/local/n"))
	_, err = h.Read(ctx, client.AtReplica())
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	require.NoError(t, s.Close(ctx))
	_, err = s.Read(ctx, "/ls/local/n", client.AtReplica())
	require.ErrorIs(t, err, cell.ErrClosed)
}

// What a replica may not answer is said for each.
func TestC6_NoReplicaAnswersWithoutAQuorum(t *testing.T) {
	cl, err := client.New(client.Config{Endpoints: []string{"127.0.0.1:1"}, Patience: 200 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	_, err = cl.Read(t.Context(), "/ls/local/n", client.AtReplica())
	require.ErrorIs(t, err, cell.ErrNoMaster)
	require.ErrorContains(t, err, "127.0.0.1:1")
}
