package client_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC9_AWatchGoesOnThroughARestartOfTheCell: every replica is stopped and started again. Each
// replays its log into its history, so a session's watch goes on behind what it was told, without a
// resync, and sees what was changed before the stop and after the start, once.
func TestC9_AWatchGoesOnThroughARestartOfTheCell(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	_, other := open(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	next, stop := iter.Pull2(s.Watch(ctx, "/ls/local/x"))
	defer stop()
	told := func(kind client.EventKind) client.Event {
		e, err, ok := next()
		require.True(t, ok)
		require.NoError(t, err)
		require.Equal(t, kind, e.Kind)
		return e
	}
	told(client.EventSynced)
	var last cell.Stat
	write := func(n int) {
		var err error
		last, err = other.Write(ctx, "/ls/local/x", fmt.Append(nil, n), client.OrCreate(client.Parents()))
		require.NoError(t, err)
	}
	write(1)
	told(client.EventCreated)
	write(2) // told before the stop, or after
	for _, m := range c.Members {
		c.Stop(m.ID)
	}
	for _, m := range c.Members {
		c.Restart(m.ID)
	}
	c.AwaitMaster()
	write(3)
	require.Equal(t, "2", string(told(client.EventModified).Contents))
	e := told(client.EventModified)
	require.Equal(t, "3", string(e.Contents))
	require.Equal(t, last.ContentGeneration, e.Stat.ContentGeneration)
	require.Zero(t, s.Resyncs())
}
