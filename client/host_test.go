package client

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// simulated runs body in a synctest bubble. yamux keeps timers in a sync.Pool, and one made in
// another bubble would end the program: two collections empty the pool.
func simulated(t *testing.T, body func(t *testing.T)) {
	t.Helper()
	emptyPools()
	defer emptyPools()
	synctest.Test(t, body)
}

func emptyPools() {
	runtime.GC()
	runtime.GC()
}

// bubble runs body with a fake master and a session, in simulated time.
func bubble(t *testing.T, body func(t *testing.T, f *fake, s *Session)) {
	t.Helper()
	simulated(t, func(t *testing.T) {
		f := startFake(t)
		c := f.client(t)
		s, err := c.NewSession(within(t, time.Minute))
		require.NoError(t, err)
		defer func() {
			require.NoError(t, c.Close())
			f.stop()
			synctest.Wait()
		}()
		body(t, f, s)
	})
}

func reads(m call.Message) bool {
	q, ok := m.(*call.Query)
	if !ok {
		return false
	}
	_, ok = q.Ask.(*call.Read)
	return ok
}

// Contents that are not those of their checksum are an error, and are asked for again: they fill nothing.
func TestZ14_RottenContentsAreAnErrorAndFillNothing(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.set(func() { f.rotten = true })
		for _, read := range []func() (File, error){
			func() (File, error) { return s.Read(t.Context(), "/ls/local/x") },
			func() (File, error) { return s.Read(t.Context(), "/ls/local/x", Uncached()) },
			func() (File, error) { return s.c.Read(t.Context(), "/ls/local/x") },
		} {
			got, err := read()
			require.ErrorIs(t, err, cell.ErrProtocol)
			require.ErrorContains(t, err, "checksum")
			require.Empty(t, got.Contents)
		}
		require.Zero(t, s.CacheStats().Entries)
		f.set(func() { f.rotten = false })
		file, err := s.Read(t.Context(), "/ls/local/x")
		require.NoError(t, err)
		require.Equal(t, "hello", string(file.Contents))
		require.Equal(t, 1, s.CacheStats().Entries)
	})
}

func TestC6_CachedReadAsksNobodyUntilInvalidated(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		for range 3 {
			file, err := s.Read(t.Context(), "/ls/local/x")
			require.NoError(t, err)
			require.Equal(t, "hello", string(file.Contents))
			file.Contents[0] = 'j' // the caller's own copy
		}
		require.Equal(t, 1, f.count(reads))
		f.set(func() { f.node.Contents = []byte("world") })
		f.invalidate("/ls/local/x")
		synctest.Wait()
		file, err := s.Read(t.Context(), "/ls/local/x")
		require.NoError(t, err)
		require.Equal(t, "world", string(file.Contents))
		require.Equal(t, 2, f.count(reads))
	})
}

func TestL4_NoCachedReadAfterTheCacheLease(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		_, err := s.Read(t.Context(), "/ls/local/x")
		require.NoError(t, err)
		f.cut()
		time.Sleep(4 * time.Second)
		_, err = s.Read(within(t, time.Second), "/ls/local/x")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestL2_HoldEndsByTheLocalTimer(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		k, err := s.Lock(t.Context(), "/ls/local/x", LockDelay(0))
		require.NoError(t, err)
		f.cut()
		begin := time.Now()
		<-k.Context().Done()
		require.ErrorIs(t, context.Cause(k.Context()), cell.ErrLockLost)
		require.LessOrEqual(t, time.Since(begin), 13*time.Second)
		require.Greater(t, time.Since(begin), 10*time.Second)
		synctest.Wait()
		require.Equal(t, Jeopardy, s.State())
		f.heal()
		time.Sleep(3 * time.Second) // back: what has ended is released by itself
		require.Equal(t, Connected, s.State())
		require.Equal(t, 1, f.count(func(m call.Message) bool {
			c, ok := m.(*call.Call)
			if !ok {
				return false
			}
			_, ok = c.Op.(*call.Release)
			return ok
		}))
		require.Error(t, k.Context().Err())
	})
}

func TestC4_HoldRidesOutAnOutage(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		k, err := s.Lock(t.Context(), "/ls/local/x", LockDelay(20*time.Second))
		require.NoError(t, err)
		f.cut()
		time.Sleep(20 * time.Second)
		require.Equal(t, Jeopardy, s.State())
		f.heal()
		time.Sleep(3 * time.Second)
		require.Equal(t, Connected, s.State())
		require.NoError(t, k.Context().Err())
		require.NoError(t, k.Unlock(t.Context()))
		require.ErrorIs(t, context.Cause(k.Context()), cell.ErrReleased)
		require.NoError(t, k.Unlock(t.Context()))
	})
}

func TestC4_ExpiredAfterTheGracePeriod(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.cut()
		time.Sleep(13 * time.Second)
		failed := make(chan error, 1)
		go func() {
			_, err := s.Write(context.Background(), "/ls/local/x", nil)
			failed <- err
		}()
		var states []State
		for st := range s.States(t.Context()) {
			states = append(states, st)
		}
		require.Equal(t, []State{Jeopardy, Expired}, states)
		err := <-failed
		require.ErrorIs(t, err, cell.ErrSessionExpired)
		require.NotErrorIs(t, err, cell.ErrOutcomeUnknown)
		require.ErrorIs(t, context.Cause(s.Context()), cell.ErrSessionExpired)
		_, err = s.Read(t.Context(), "/ls/local/x")
		require.ErrorIs(t, err, cell.ErrSessionExpired)
	})
}

func TestC8_EndedContextReturnsAtOnceWithoutAServer(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.cut()
		synctest.Wait()
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done := make(chan error, 4)
		go func() { _, err := s.Lock(ctx, "/ls/local/x"); done <- err }()
		go func() { _, err := s.Write(ctx, "/ls/local/x", nil); done <- err }()
		go func() { _, err := s.Read(ctx, "/ls/local/y"); done <- err }()
		go func() {
			var last error
			for _, err := range s.Watch(ctx, "/ls/local/x") {
				last = err
			}
			done <- last
		}()
		for range 4 {
			require.ErrorIs(t, <-done, context.DeadlineExceeded)
		}
		require.Equal(t, time.Second, time.Since(begin))
		var op *OpError
		_, err := s.Write(ctx, "/ls/local/x", nil)
		require.True(t, errors.As(err, &op))
		require.Equal(t, NotApplied, op.Outcome)
	})
}

func TestC7_SentAndUnansweredIsUnknown(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.set(func() { f.deaf = true })
		_, err := s.Write(within(t, time.Second), "/ls/local/x", nil)
		require.ErrorIs(t, err, cell.ErrOutcomeUnknown)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		f.set(func() { f.deaf = false })
	})
}

func TestB2_PatienceSaysWhyPerEndpoint(t *testing.T) {
	simulated(t, func(t *testing.T) {
		f := startFake(t)
		c := f.client(t)
		f.cut()
		begin := time.Now()
		_, err := c.NewSession(t.Context())
		require.ErrorIs(t, err, cell.ErrNoMaster)
		require.Equal(t, DefaultPatience, time.Since(begin))
		var why *NoMasterError
		require.True(t, errors.As(err, &why))
		require.Len(t, why.Endpoints, 2)
		_, err = c.Read(t.Context(), "/ls/local/x")
		require.ErrorIs(t, err, cell.ErrNoMaster)
		require.Equal(t, 2*DefaultPatience, time.Since(begin))
		require.ErrorIs(t, c.Ping(t.Context()), cell.ErrNoMaster)
		_, err = c.Status(t.Context())
		require.ErrorIs(t, err, cell.ErrNoMaster)
		f.stop()
		require.NoError(t, c.Close())
	})
}

func TestB2_WrongCellIsSaidAtOnce(t *testing.T) {
	simulated(t, func(t *testing.T) {
		f := startFake(t)
		c, err := newClient(Config{Endpoints: []string{fakeAddress}, Cell: "other"}, f.client(t).clock, f.wire)
		require.NoError(t, err)
		begin := time.Now()
		_, err = c.NewSession(t.Context())
		require.ErrorIs(t, err, cell.ErrWrongCell)
		_, err = c.Read(t.Context(), "/ls/other/x")
		require.ErrorIs(t, err, cell.ErrWrongCell)
		_, err = c.Read(t.Context(), "/ls/local/x")
		require.ErrorIs(t, err, cell.ErrWrongCell)
		require.Less(t, time.Since(begin), time.Second)
		f.stop()
		require.NoError(t, c.Close())
	})
}

func releases(m call.Message) bool {
	c, ok := m.(*call.Call)
	if !ok {
		return false
	}
	_, ok = c.Op.(*call.Release)
	return ok
}

func TestC1_MarginPassesBeforeTheRelease(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		k, err := s.Lock(t.Context(), "/ls/local/x", LockDelay(0), Margin(9*time.Second))
		require.NoError(t, err)
		f.cut()
		<-k.Context().Done()
		f.heal()
		time.Sleep(8 * time.Second)
		require.Equal(t, Connected, s.State())
		require.Zero(t, f.count(releases), "within the Margin")
		time.Sleep(2 * time.Second)
		require.Equal(t, 1, f.count(releases))
	})
}

func TestC1_ContextEndsBeforeUnlockSends(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		k, err := s.Lock(t.Context(), "/ls/local/x")
		require.NoError(t, err)
		f.set(func() {
			f.deaf = true
			f.hears = func(m call.Message) { require.True(t, !releases(m) || k.Context().Err() != nil) }
		})
		err = k.Unlock(within(t, time.Second)) // goes on in the background
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, f.count(releases))
		require.ErrorIs(t, context.Cause(k.Context()), cell.ErrReleased)
		f.set(func() { f.deaf = false })
	})
}

func TestWithLockEndsWithTheHold(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		err := s.WithLock(t.Context(), "/ls/local/x", func(ctx context.Context, held cell.Sequencer) error {
			require.NotZero(t, held.Token())
			f.cut()
			<-ctx.Done()
			f.heal()
			return context.Cause(ctx)
		}, LockDelay(0))
		require.ErrorIs(t, err, cell.ErrLockLost)
	})
}

func TestC9_SlowReaderGetsResync(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var kinds []EventKind
		for e, err := range s.Watch(ctx, "/ls/local/x") {
			if err != nil {
				break
			}
			kinds = append(kinds, e.Kind)
			switch len(kinds) {
			case 1:
				f.events(1, watchEvents+10) // while nobody reads
				synctest.Wait()
				f.events(2, 1)
				synctest.Wait()
			case 3:
				cancel()
			}
		}
		require.Equal(t, []EventKind{EventModified, EventResync, EventModified}, kinds)
		require.EqualValues(t, 1, s.Resyncs())
	})
}

func TestClosedSessionRefusesAlike(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		k, err := s.Lock(t.Context(), "/ls/local/x")
		require.NoError(t, err)
		require.NoError(t, s.Close(t.Context()))
		require.NoError(t, s.Close(t.Context()))
		require.ErrorIs(t, context.Cause(k.Context()), cell.ErrLockLost)
		require.NoError(t, k.Unlock(t.Context()))
		require.Equal(t, Closed, s.State())
		_, err = s.Lock(t.Context(), "/ls/local/x")
		require.ErrorIs(t, err, cell.ErrClosed)
		_, err = s.Read(t.Context(), "/ls/local/x")
		require.ErrorIs(t, err, cell.ErrClosed)
		for _, err := range s.Watch(t.Context(), "/ls/local/x") {
			require.ErrorIs(t, err, cell.ErrClosed)
		}
	})
}
