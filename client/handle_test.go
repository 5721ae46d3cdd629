package client_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/tools/celltest"
)

// TestC6_OpenOfWhatIsOpenAndCachedCostsNoMessage: the second Open of a node is answered here, for
// the same use; a change of the node ends that, and its end is seen.
func TestC6_OpenOfWhatIsOpenAndCachedCostsNoMessage(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	_, other := open(t, c)
	ctx := limited(t)
	first, err := s.Open(ctx, "/ls/local/x", client.MayCreate([]byte("a")), client.ForWrite())
	require.NoError(t, err)
	c.Await("the handle is cached", func() bool {
		hits := s.CacheStats().Hits
		_, err := s.Open(ctx, "/ls/local/x", client.ForWrite())
		require.NoError(t, err)
		return s.CacheStats().Hits > hits
	})
	before := s.CacheStats().Misses
	again, err := s.Open(ctx, "/ls/local/x", client.ForWrite())
	require.NoError(t, err)
	require.Equal(t, first.Instance(), again.Instance())
	require.Equal(t, before, s.CacheStats().Misses)
	_, err = s.Open(ctx, "/ls/local/x", client.ForLock())
	require.NoError(t, err)
	require.Equal(t, before+1, s.CacheStats().Misses, "for another use it has not been opened")

	require.NoError(t, other.Delete(ctx, "/ls/local/x"))
	_, err = s.Open(ctx, "/ls/local/x", client.ForWrite())
	require.ErrorIs(t, err, cell.ErrNotFound)
	_, err = other.Create(ctx, "/ls/local/x", nil)
	require.NoError(t, err)
	anew, err := s.Open(ctx, "/ls/local/x", client.ForWrite())
	require.NoError(t, err)
	require.NotEqual(t, first.Instance(), anew.Instance())
	_, err = first.Write(ctx, []byte("b"))
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	_, err = anew.Write(ctx, []byte("b"))
	require.NoError(t, err)
}

// TestC5_HandlesSurviveAFailOver: a handle of an earlier mastership reads, writes and locks.
func TestC5_HandlesSurviveAFailOver(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	ctx := limited(t)
	h, err := s.Open(ctx, "/ls/local/x", client.MustCreate([]byte("a")), client.ForWrite(), client.ForLock())
	require.NoError(t, err)
	c.Stop(c.AwaitMaster())
	_, err = h.Write(ctx, []byte("b"))
	require.NoError(t, err)
	k, err := h.Lock(ctx)
	require.NoError(t, err)
	require.NoError(t, k.Unlock(ctx))
	f, err := h.Read(ctx, client.Uncached())
	require.NoError(t, err)
	require.Equal(t, "b", string(f.Contents))
}

// TestPoisonFailsWhatIsUnderWay is Chubby's Poison: what waits at the handle and what comes later
// fails; the handle stays open, its holds stand, other handles know nothing of it.
func TestPoisonFailsWhatIsUnderWay(t *testing.T) {
	c := celltest.Start(t, 1)
	_, s := open(t, c)
	ctx := limited(t)
	h, err := s.Open(ctx, "/ls/local/x", client.MustCreate(nil), client.ForLock(), client.ForWrite())
	require.NoError(t, err)
	held, err := h.Lock(ctx)
	require.NoError(t, err)
	waiting := make(chan error, 1)
	go func() {
		_, err := h.Lock(ctx)
		waiting <- err
	}()
	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	c.Await("the second waits", func() bool {
		locks, err := cl.Locks(ctx, "/ls/local/x")
		return err == nil && len(locks) == 1 && len(locks[0].Waiters) == 1
	})
	h.Poison()
	require.ErrorIs(t, <-waiting, cell.ErrClosed)
	_, err = h.Write(ctx, nil)
	require.ErrorIs(t, err, cell.ErrClosed)
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrClosed)
	var op *client.OpError
	require.True(t, errors.As(err, &op))
	require.Equal(t, client.NotApplied, op.Outcome)

	require.NoError(t, held.Context().Err(), "its hold stands")
	_, err = s.Write(ctx, "/ls/local/x", []byte("b"), client.IfHeld(held.Sequencer()))
	require.NoError(t, err)
	require.NoError(t, h.Close())
	require.ErrorIs(t, context.Cause(held.Context()), cell.ErrReleased)
}

// TestC2_SetSequencerTiesAHandleToAHold: once the hold has ended, every operation through the
// handle fails, what is in the cache included; untied, it works again.
func TestC2_SetSequencerTiesAHandleToAHold(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	ctx := limited(t)
	k, err := s.Lock(ctx, "/ls/local/leader")
	require.NoError(t, err)
	h, err := s.Open(ctx, "/ls/local/x", client.MustCreate([]byte("a")), client.ForWrite(), client.ForLock())
	require.NoError(t, err)
	require.NoError(t, h.SetSequencer(k.Sequencer()))
	require.ErrorIs(t, h.SetSequencer(cell.Sequencer{Grant: 1}), cell.ErrUsage)
	_, err = h.Write(ctx, []byte("b"))
	require.NoError(t, err)
	_, err = h.Read(ctx)
	require.NoError(t, err)
	_, err = h.List(ctx)
	require.NoError(t, err)
	own, err := h.TryLock(ctx)
	require.NoError(t, err)
	require.NoError(t, own.Unlock(ctx))
	other := k.Sequencer()
	other.Grant++
	_, err = h.Write(ctx, nil, client.IfHeld(other))
	require.ErrorIs(t, err, cell.ErrUsage, "two holds at a time cannot be proved")

	require.NoError(t, k.Unlock(ctx))
	_, err = h.Write(ctx, []byte("c"))
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	require.ErrorIs(t, h.Delete(ctx), cell.ErrStaleSequencer)
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	_, err = h.Stat(ctx)
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	_, err = h.List(ctx)
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	_, err = h.TryLock(ctx)
	require.ErrorIs(t, err, cell.ErrStaleSequencer)

	require.NoError(t, h.SetSequencer(cell.Sequencer{}))
	f, err := h.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, "b", string(f.Contents))
}
