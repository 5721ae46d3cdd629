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

// TestC1_LockPassesFromHandToHand: exclusive locks, waiters, try, sequencers, release.
func TestC1_LockPassesFromHandToHand(t *testing.T) {
	c := celltest.Start(t, 3)
	cl, one := open(t, c)
	_, two := open(t, c)
	ctx := limited(t)
	const name = "/ls/local/app/leader"
	k, err := one.Lock(ctx, name, client.Note("first"))
	require.NoError(t, err)
	require.NoError(t, cl.CheckSequencer(ctx, k.Sequencer()))
	require.Greater(t, time.Until(k.Deadline()), 10*time.Second)

	_, err = two.TryLock(ctx, name)
	var held *client.HeldError
	require.ErrorAs(t, err, &held)
	require.ErrorIs(t, err, cell.ErrLocked)
	require.Equal(t, one.ID(), held.Lock.Holders[0].Session)
	require.Equal(t, "first", held.Lock.Holders[0].Note)

	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	_, err = two.Lock(short, name)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	got := make(chan *client.Hold)
	go func() {
		k, err := two.Lock(ctx, name)
		require.NoError(t, err)
		got <- k
	}()
	require.Eventually(t, func() bool {
		info, err := cl.LockOf(ctx, name)
		return err == nil && len(info.Waiters) == 1 && info.Waiters[0].Session == two.ID()
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, k.Unlock(ctx))
	require.ErrorIs(t, context.Cause(k.Context()), cell.ErrReleased)
	next := <-got
	require.Greater(t, next.Sequencer().Token(), k.Sequencer().Token())
	require.ErrorIs(t, cl.CheckSequencer(ctx, k.Sequencer()), cell.ErrStaleSequencer)
	_, err = one.Create(ctx, "/ls/local/app/x", nil, client.IfHeld(k.Sequencer()))
	require.ErrorIs(t, err, cell.ErrStaleSequencer)
	_, err = two.Create(ctx, "/ls/local/app/x", nil, client.IfHeld(next.Sequencer()))
	require.NoError(t, err)

	require.NoError(t, two.Close(ctx)) // a clean close frees it without lock-delay
	require.ErrorIs(t, context.Cause(next.Context()), cell.ErrLockLost)
	begin := time.Now()
	again, err := one.Lock(ctx, name)
	require.NoError(t, err)
	require.Less(t, time.Since(begin), 3*time.Second)
	require.NoError(t, again.Unlock(ctx))
}

// TestC5_LiveSessionsSurviveTheLossOfTheMaster: session, hold, watch, ephemeral and a write that
// waits come through a fail-over.
func TestC5_LiveSessionsSurviveTheLossOfTheMaster(t *testing.T) {
	c := celltest.Start(t, 3)
	_, s := open(t, c)
	ctx := limited(t)
	k, err := s.Lock(ctx, "/ls/local/leader")
	require.NoError(t, err)
	_, err = s.Create(ctx, "/ls/local/alive", nil, client.Ephemeral())
	require.NoError(t, err)
	_, err = s.Read(ctx, "/ls/local/alive") // it caches: the new master waits for its attach
	require.NoError(t, err)
	events := make(chan client.Event, 100)
	go func() {
		for e, err := range s.Watch(ctx, "/ls/local/alive") {
			if err != nil {
				return
			}
			events <- e
		}
	}()
	require.Equal(t, client.EventCurrent, (<-events).Kind)
	require.Equal(t, client.EventSynced, (<-events).Kind)

	c.Stop(c.Master())
	st, err := s.Write(ctx, "/ls/local/alive", []byte("still"))
	require.NoError(t, err)
	require.Equal(t, uint64(2), st.ContentGeneration)
	e := <-events
	require.Equal(t, client.EventModified, e.Kind)
	require.Equal(t, "still", string(e.Contents))
	require.Equal(t, client.Connected, s.State())
	require.NoError(t, k.Context().Err())
	f, err := s.Read(ctx, "/ls/local/alive")
	require.NoError(t, err)
	require.Equal(t, "still", string(f.Contents))
	require.NoError(t, k.Unlock(ctx))
}

// TestC6_OneSeesWhatTheOtherWrote: no cached read is older than a finished write.
func TestC6_OneSeesWhatTheOtherWrote(t *testing.T) {
	c := celltest.Start(t, 1)
	_, one := open(t, c)
	_, two := open(t, c)
	ctx := limited(t)
	_, err := one.Create(ctx, "/ls/local/x", []byte("0"))
	require.NoError(t, err)
	for i := range 50 {
		want := []byte{byte(i)}
		for range 3 {
			_, err = two.Read(ctx, "/ls/local/x")
			require.NoError(t, err)
		}
		_, err = one.Write(ctx, "/ls/local/x", want)
		require.NoError(t, err)
		f, err := two.Read(ctx, "/ls/local/x")
		require.NoError(t, err)
		require.Equal(t, want, f.Contents)
	}
}

// TestHandleIsBoundToItsInstance: a node made again is another one.
func TestHandleIsBoundToItsInstance(t *testing.T) {
	c := celltest.Start(t, 1)
	_, s := open(t, c)
	ctx := limited(t)
	h, err := s.Open(ctx, "/ls/local/x", client.MayCreate([]byte("a")), client.ForWrite(), client.ForLock())
	require.NoError(t, err)
	require.True(t, h.Created())
	found, err := s.Open(ctx, "/ls/local/x", client.MayCreate([]byte("b")))
	require.NoError(t, err)
	require.False(t, found.Created())
	_, err = h.Write(ctx, []byte("b"))
	require.NoError(t, err)
	f, err := h.Read(ctx)
	require.NoError(t, err)
	require.Equal(t, "b", string(f.Contents))
	k, err := h.TryLock(ctx)
	require.NoError(t, err)
	require.NoError(t, k.Unlock(ctx))
	_, err = s.Open(ctx, "/ls/local/x", client.MustCreate(nil))
	require.ErrorIs(t, err, cell.ErrExists)
	require.NoError(t, s.Delete(ctx, "/ls/local/x"))
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	_, err = s.Create(ctx, "/ls/local/x", nil)
	require.NoError(t, err)
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	_, err = h.Write(ctx, nil)
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	_, err = h.Lock(ctx)
	require.ErrorIs(t, err, cell.ErrStaleHandle)
	require.NoError(t, h.Close())
	_, err = h.Read(ctx)
	require.ErrorIs(t, err, cell.ErrClosed)
}

// TestListPagesUnderneath: more children than one page carries.
func TestListPagesUnderneath(t *testing.T) {
	c := celltest.Start(t, 1)
	cl, s := open(t, c)
	ctx := limited(t)
	const kids = 1203
	_, err := s.Create(ctx, "/ls/local/dir", nil)
	require.NoError(t, err)
	errs := make(chan error, kids)
	for range kids {
		go func() {
			_, err := s.Create(ctx, "/ls/local/dir/", nil, client.Sequential())
			errs <- err
		}()
	}
	for range kids {
		require.NoError(t, <-errs)
	}
	for range 2 {
		all, err := s.List(ctx, "/ls/local/dir")
		require.NoError(t, err)
		require.Len(t, all, kids)
		require.Equal(t, cell.Name("/ls/local/dir/00000000000000000001"), all[0].Name)
		require.NotZero(t, all[0].Instance)
	}
	all, err := cl.List(ctx, "/ls/local/dir")
	require.NoError(t, err)
	require.Len(t, all, kids)
	require.False(t, all[5].Created.IsZero())
}
