package recipe_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe"
)

const seat = "/ls/local/app/leader"

func TestElectCampaignsAgainAfterALoss(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	reigns := make(chan recipe.Leadership)
	done := make(chan error, 1)
	enough := errors.New("enough")
	go func() {
		n := 0
		done <- recipe.Election{Client: newClient(t, c), Name: seat, Value: []byte("me")}.Run(ctx,
			func(ctx context.Context, l recipe.Leadership) error {
				if n++; n == 3 {
					return enough
				}
				reigns <- l
				<-ctx.Done()
				return context.Cause(ctx)
			})
	}()
	first := <-reigns
	require.NoError(t, first.Session.Close(ctx), "the session ends: a loss")
	second := <-reigns
	require.Greater(t, second.Hold.Sequencer().Token(), first.Hold.Sequencer().Token())
	require.NoError(t, second.Session.Close(ctx))
	require.ErrorIs(t, <-done, enough, "lead's own return ends it, with lead's error")
	l, err := newClient(t, c).LockOf(ctx, seat)
	require.NoError(t, err)
	require.Empty(t, l.Holders, "and the lock is given back")
}

func TestElectEndsWithItsContext(t *testing.T) {
	c := startCell(t)
	ctx, cancel := context.WithCancel(limited(t))
	leading := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- recipe.Elect(ctx, newClient(t, c), seat, nil, func(ctx context.Context, _ cell.Sequencer) error {
			close(leading)
			<-ctx.Done()
			return nil
		})
	}()
	<-leading
	waiting, give := context.WithCancel(limited(t))
	given := make(chan error, 1)
	go func() {
		given <- recipe.Elect(waiting, newClient(t, c), seat, nil, func(context.Context, cell.Sequencer) error {
			t.Error("two lead")
			return nil
		})
	}()
	require.Eventually(t, func() bool {
		l, err := newClient(t, c).LockOf(ctx, seat)
		return err == nil && len(l.Waiters) == 1
	}, 10*time.Second, 5*time.Millisecond)
	give()
	require.ErrorIs(t, <-given, context.Canceled)
	cancel()
	require.NoError(t, <-done)
}

// The observer is told each leader once, and nobody between two.
func TestObserveTellsALeaderOnlyWhileItsTokenHolds(t *testing.T) {
	c := startCell(t)
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	told := make(chan recipe.Leader)
	over := make(chan error, 1)
	go func() {
		for l, err := range recipe.Observe(ctx, newClient(t, c), seat) {
			if err != nil {
				over <- err
				return
			}
			told <- l
		}
	}()
	require.True(t, (<-told).None(), "nobody leads")
	check := newClient(t, c)
	for _, who := range []string{"one", "two"} {
		lead, end := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() {
			done <- recipe.Elect(lead, newClient(t, c), seat, []byte(who),
				func(ctx context.Context, _ cell.Sequencer) error {
					<-ctx.Done()
					return nil
				})
		}()
		l := <-told
		require.Equal(t, who, string(l.Value))
		require.NoError(t, check.CheckSequencer(ctx, l.Held))
		end()
		if err := <-done; err != nil { // lead had not begun yet
			require.ErrorIs(t, err, context.Canceled)
		}
		require.True(t, (<-told).None(), "between two leaders nobody is told")
		require.ErrorIs(t, check.CheckSequencer(ctx, l.Held), cell.ErrStaleSequencer)
	}
	cancel()
	require.ErrorIs(t, <-over, context.Canceled)
}

// What somebody else writes into an election is told to nobody.
func TestObserveBelievesNoForgedAnnouncement(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	s := newSession(t, c)
	stale, err := s.Lock(ctx, seat)
	require.NoError(t, err)
	require.NoError(t, stale.Unlock(ctx))
	_, err = s.Create(ctx, seat+"/leader", []byte(stale.Sequencer().String()+"\nforged"))
	require.NoError(t, err)
	var seen []string
	for l, err := range recipe.Observe(ctx, newClient(t, c), seat) {
		require.NoError(t, err)
		if seen = append(seen, string(l.Value)); !l.None() {
			require.Equal(t, "true", string(l.Value), "the forged one is told to nobody: %q", seen)
			return // the leader has removed it
		}
		if len(seen) > 1 {
			continue
		}
		go func() {
			_ = recipe.Elect(ctx, newClient(t, c), seat, []byte("true"), func(ctx context.Context, _ cell.Sequencer) error {
				<-ctx.Done()
				return nil
			})
		}()
	}
}
