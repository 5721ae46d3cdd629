package client_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC11_ATxnIsAllOrNothing: several changes as one, what a refusal says, and who watches.
func TestC11_ATxnIsAllOrNothing(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, s := open(t, c)
	ctx := limited(t)
	k, err := s.Lock(ctx, "/ls/local/lock")
	require.NoError(t, err)
	q := k.Sequencer()

	got, err := s.Txn(ctx,
		client.OpCheckHeld(q),
		client.OpCreate("/ls/local/app", []byte("conf")),
		client.OpCreate("/ls/local/app/n-", []byte("1"), client.Sequential(), client.IfHeld(q)),
		client.OpWrite("/ls/local/made", nil, client.OrCreate()),
		client.OpCheck("/ls/local/app", client.IfGeneration(1)),
		client.OpCheckAbsent("/ls/local/none"))
	require.NoError(t, err)
	require.Len(t, got, 6)
	require.Equal(t, cell.Name("/ls/local/app/n-00000000000000000001"), got[2].Stat.Name)
	require.Equal(t, got[1].Stat.Zxid, got[2].Stat.Zxid)
	require.Equal(t, 1, got[4].Stat.Children)

	_, err = s.Txn(ctx,
		client.OpDelete("/ls/local/made"),
		client.OpWrite("/ls/local/app", []byte("new"), client.IfGeneration(7)))
	var e *client.OpError
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, cell.ErrGeneration)
	require.NotErrorIs(t, err, cell.ErrOutcomeUnknown)
	require.Equal(t, client.OpError{Op: "write", Name: "/ls/local/app", Index: 1, Err: e.Err}, *e)
	_, err = cl.Read(ctx, "/ls/local/made")
	require.NoError(t, err, "the first half is not done")

	require.NoError(t, k.Unlock(ctx))
	_, err = s.Txn(ctx, client.OpDelete("/ls/local/made"), client.OpCheckHeld(q))
	require.ErrorIs(t, err, cell.ErrStaleSequencer)

	_, other := open(t, c)
	_, err = other.Lock(ctx, "/ls/local/lock")
	require.NoError(t, err)
	_, err = s.Txn(ctx, client.OpDelete("/ls/local/made"), client.OpDelete("/ls/local/lock"))
	var held *client.HeldError
	require.ErrorAs(t, err, &held)
	require.Equal(t, other.ID(), held.Lock.Holders[0].Session)
}

// What makes no sense is refused here, by the op it is about; nothing is sent.
func TestB2_ATxnIsBoundedByOpsAndBytes(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	ctx := limited(t)
	var many []client.Op
	for range 1025 {
		many = append(many, client.OpCheckAbsent("/ls/local/none"))
	}
	_, err := s.Txn(ctx, many...)
	require.ErrorIs(t, err, cell.ErrTooLarge)
	_, err = s.Txn(ctx, many[:1024]...)
	require.NoError(t, err)

	big := make([]byte, 200<<10)
	var full []client.Op
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		full = append(full, client.OpCreate("/ls/local/"+name, big))
	}
	_, err = s.Txn(ctx, full...)
	require.ErrorIs(t, err, cell.ErrTooLarge)
	got, err := s.Txn(ctx, full[:5]...)
	require.NoError(t, err)
	require.Len(t, got, 5)

	var e *client.OpError
	_, err = s.Txn(ctx, client.OpCheckAbsent("/ls/local/none"), client.OpDelete("nowhere"))
	require.ErrorIs(t, err, cell.ErrBadName)
	require.ErrorAs(t, err, &e)
	require.Equal(t, 1, e.Index)
	_, err = s.Txn(ctx, client.OpCheck("/ls/local/a", client.OrCreate()))
	require.ErrorIs(t, err, cell.ErrUsage)
	got, err = s.Txn(ctx)
	require.NoError(t, err)
	require.Empty(t, got)
}
