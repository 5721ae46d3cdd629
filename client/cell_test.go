package client_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

func open(t *testing.T, c *celltest.Cell) (*client.Client, *client.Session) {
	t.Helper()
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	s, err := cl.NewSession(t.Context())
	require.NoError(t, err)
	return cl, s
}

func limited(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// TestJourneyOfAWrite takes a client through everything once, against a real cell.
func TestJourneyOfAWrite(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, s := open(t, c)
	ctx := limited(t)
	require.NotZero(t, s.ID())
	require.Equal(t, client.Connected, s.State())
	require.NoError(t, cl.Ping(ctx))

	st, err := s.Create(ctx, "/ls/local/app/config", []byte("one"), client.Parents())
	require.NoError(t, err)
	require.Equal(t, uint64(1), st.ContentGeneration)
	_, err = s.Create(ctx, "/ls/local/app/config", nil)
	require.ErrorIs(t, err, cell.ErrExists)
	require.NotErrorIs(t, err, cell.ErrOutcomeUnknown)

	f, err := s.Read(ctx, "/ls/local/app/config")
	require.NoError(t, err)
	require.Equal(t, "one", string(f.Contents))
	_, err = s.Read(ctx, "/ls/local/app/none")
	require.ErrorIs(t, err, cell.ErrNotFound)
	_, err = s.Write(ctx, "/ls/local/app/config", []byte("two"), client.IfGeneration(1))
	require.NoError(t, err)
	f, err = s.Read(ctx, "/ls/local/app/config")
	require.NoError(t, err)
	require.Equal(t, "two", string(f.Contents))
	_, err = s.Create(ctx, "/ls/local/app/none", []byte("now"))
	require.NoError(t, err)
	f, err = s.Read(ctx, "/ls/local/app/none")
	require.NoError(t, err)
	require.Equal(t, "now", string(f.Contents))
	kids, err := s.List(ctx, "/ls/local/app")
	require.NoError(t, err)
	require.Len(t, kids, 2)
	f, err = cl.Read(ctx, "/ls/local/app/config")
	require.NoError(t, err)
	require.Equal(t, "two", string(f.Contents))
	all, err := cl.Status(ctx)
	require.NoError(t, err)
	require.Len(t, all.Replicas, 3)
	require.NotZero(t, all.Master)
	require.Equal(t, 1, all.Sessions)
	require.NoError(t, s.Delete(ctx, "/ls/local/app/none"))
	require.NoError(t, s.Close(ctx))
	require.ErrorIs(t, context.Cause(s.Context()), cell.ErrClosed)
}
