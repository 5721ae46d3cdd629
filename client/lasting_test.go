package client_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC11_NodesThatGoByThemselves: a container with its last child, a node when its time is over.
func TestC11_NodesThatGoByThemselves(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, s := open(t, c)
	ctx := limited(t)
	gone := func(name string) {
		t.Helper()
		require.Eventually(t, func() bool {
			_, err := cl.Stat(ctx, name)
			return errors.Is(err, cell.ErrNotFound)
		}, 15*time.Second, 20*time.Millisecond)
	}
	st, err := s.Create(ctx, "/ls/local/jobs", nil, client.Container())
	require.NoError(t, err)
	require.True(t, st.Container)
	_, err = s.Create(ctx, "/ls/local/jobs/one", nil)
	require.NoError(t, err)
	require.NoError(t, s.Delete(ctx, "/ls/local/jobs/one"))
	gone("/ls/local/jobs")

	st, err = s.Write(ctx, "/ls/local/hint", []byte("x"), client.OrCreate(client.TTL(50*time.Millisecond)))
	require.NoError(t, err)
	require.Equal(t, 50*time.Millisecond, st.TTL)
	gone("/ls/local/hint")

	for _, o := range [][]client.CreateOption{{client.TTL(0)}, {client.TTL(-time.Second)},
		{client.Container(), client.TTL(time.Second)}, {client.Container(), client.Ephemeral()}} {
		_, err = s.Create(ctx, "/ls/local/none", nil, o...)
		require.ErrorIs(t, err, cell.ErrUsage)
	}
}

// Numbers are never given out twice while the parent stands, whatever is deleted below it.
func TestC7_SequencesAreNeverReused(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	ctx := limited(t)
	_, err := s.Create(ctx, "/ls/local/q", nil)
	require.NoError(t, err)
	for i := range 3 {
		st, err := s.Create(ctx, "/ls/local/q/", nil, client.Sequential())
		require.NoError(t, err)
		require.Equal(t, "0000000000000000000"+string(rune('1'+i)), st.Name.Base())
		require.NoError(t, s.Delete(ctx, string(st.Name)))
	}
	require.NoError(t, s.Delete(ctx, "/ls/local/q"))
	_, err = s.Create(ctx, "/ls/local/q", nil)
	require.NoError(t, err)
	st, err := s.Create(ctx, "/ls/local/q/", nil, client.Sequential())
	require.NoError(t, err)
	require.Equal(t, "00000000000000000001", st.Name.Base(), "another instance counts anew")
}
