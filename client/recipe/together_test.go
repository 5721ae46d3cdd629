package recipe_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe"
)

func TestSemaphoreLetsNInAndTheNextWhenOneGoes(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	check := newClient(t, c)
	acquire := func() *recipe.Permit {
		p, err := recipe.NewSemaphore(newSession(t, c), "/ls/local/sem", 2).Acquire(ctx)
		if err != nil {
			t.Error(err)
		}
		return p
	}
	one, two := acquire(), acquire()
	require.NoError(t, check.CheckSequencer(ctx, one.Sequencer()))
	require.NoError(t, check.CheckSequencer(ctx, two.Sequencer()))
	third := make(chan *recipe.Permit)
	go func() { third <- acquire() }()
	require.Eventually(t, func() bool {
		l, err := check.LockOf(ctx, "/ls/local/sem/turn")
		return err == nil && len(l.Holders) == 1
	}, 10*time.Second, time.Millisecond, "the third stands at the head of the queue")
	require.NoError(t, one.Release(ctx))
	require.ErrorIs(t, one.Context().Err(), context.Canceled)
	three := <-third
	require.ErrorIs(t, check.CheckSequencer(ctx, one.Sequencer()), cell.ErrStaleSequencer)
	require.NoError(t, check.CheckSequencer(ctx, three.Sequencer()))
	_, err := recipe.NewSemaphore(newSession(t, c), "/ls/local/sem", 3).Acquire(ctx)
	require.ErrorIs(t, err, cell.ErrConflict, "all must mean the same number")
}

func TestBarrierOpensWhenNWait(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	const n = 4
	var came atomic.Int32
	var all sync.WaitGroup
	wait := func() {
		came.Add(1)
		if err := recipe.NewBarrier(newSession(t, c), "/ls/local/barrier", n).Wait(ctx); err != nil {
			t.Error(err)
		}
		if came.Load() < n {
			t.Errorf("passed after %d had come", came.Load())
		}
	}
	given, giveUp := context.WithCancel(ctx)
	giveUp()
	require.ErrorIs(t, recipe.NewBarrier(newSession(t, c), "/ls/local/barrier", n).Wait(given), context.Canceled)
	for range n {
		all.Go(wait)
	}
	all.Wait()
	wait() // open from then on
}

// Who waited and gave up counts no longer: two that come later do not pass as three.
func TestWhoGivesUpABarrierCountsNoLonger(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	gone, s := newSession(t, c), newSession(t, c)
	for folder, wait := range map[string]func(context.Context) error{
		"/ls/local/given":   recipe.NewBarrier(gone, "/ls/local/given", 3).Wait,
		"/ls/local/again/0": recipe.NewDoubleBarrier(gone, "/ls/local/again", 3).Enter,
	} {
		arrivals := func() int {
			there, err := s.List(ctx, folder)
			if err != nil {
				return 0
			}
			return len(there)
		}
		for range 10 { // whether it gives up before it has heard that its node is there, or after
			given, giveUp := context.WithCancel(ctx)
			waited := make(chan error, 1)
			go func() { waited <- wait(given) }()
			require.Eventually(t, func() bool { return arrivals() == 1 }, 10*time.Second, time.Millisecond)
			giveUp()
			require.ErrorIs(t, <-waited, context.Canceled)
			require.Eventually(t, func() bool { return arrivals() == 0 }, 10*time.Second, time.Millisecond,
				"its session lives, and it is there no more")
		}
		require.NoError(t, gone.Context().Err())
	}
}

func TestDoubleBarrierGoesInRounds(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	const n, rounds = 3, 3
	var in, out [rounds + 1]atomic.Int32
	var all sync.WaitGroup
	for range n {
		s := newSession(t, c)
		all.Go(func() {
			b := recipe.NewDoubleBarrier(s, "/ls/local/double", n)
			for r := range rounds {
				in[r].Add(1)
				if err := b.Enter(ctx); err != nil {
					t.Error(err)
					return
				}
				if got := in[r].Load(); got != n {
					t.Errorf("entered round %d after %d had come", r, got)
				}
				out[r].Add(1)
				if err := b.Leave(ctx); err != nil {
					t.Error(err)
					return
				}
				if got := out[r].Load(); got != n {
					t.Errorf("left round %d after %d had", r, got)
				}
			}
		})
	}
	all.Wait()
	left, err := newSession(t, c).List(ctx, "/ls/local/double")
	require.NoError(t, err)
	require.Len(t, left, 1, "the rounds are cleared away, their number stays: %v", left)
}

// Who comes to a round that has begun waits for the next one.
func TestALateComerIsInTheNextRound(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	b := func() *recipe.DoubleBarrier { return recipe.NewDoubleBarrier(newSession(t, c), "/ls/local/double", 2) }
	one, two, late := b(), b(), b()
	both := func(does ...func(context.Context) error) {
		var all sync.WaitGroup
		for _, do := range does {
			all.Go(func() {
				if err := do(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	both(one.Enter, two.Enter)
	entered := make(chan error, 1)
	go func() { entered <- late.Enter(ctx) }()
	s := newSession(t, c)
	require.Eventually(t, func() bool { // it has come
		there, err := s.List(ctx, "/ls/local/double/0")
		return err == nil && len(there) == 4
	}, 10*time.Second, time.Millisecond)
	both(one.Leave, two.Leave)
	both(one.Enter)
	require.NoError(t, <-entered)
	require.EqualValues(t, 2, late.Round())
	both(one.Leave, late.Leave)
	require.ErrorIs(t, two.Leave(ctx), cell.ErrUsage)
}

func TestSequentialLockExcludes(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	var writers, readers atomic.Int32
	var all sync.WaitGroup
	for i := range 4 {
		s := newSession(t, c)
		all.Go(func() {
			l := recipe.NewSequentialLock(s, "/ls/local/seq")
			take, own, most := l.Lock, &writers, int32(1)
			if i%2 == 0 {
				take, own, most = l.RLock, &readers, 2
			}
			for range 4 {
				h, err := take(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				if n := own.Add(1); n > most || own == &readers && writers.Load() > 0 || own == &writers && readers.Load() > 0 {
					t.Errorf("%d, %d readers, %d writers", n, readers.Load(), writers.Load())
				}
				own.Add(-1)
				if err := h.Unlock(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// The nodes of a killed session go at once, but for those whose lock its client has not given back: a claim is
// locked, so that nobody else has the element while its consumer still counts on it (simulator seed 13221).
func TestC1_AClaimIsLocked(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	s, check := newSession(t, c), newClient(t, c)
	q := recipe.NewQueue(s, "/ls/local/locked")
	name, err := q.Put(ctx, nil)
	require.NoError(t, err)
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		l, err := check.LockOf(ctx, name+".claim")
		require.NoError(t, err)
		require.Len(t, l.Holders, 1)
		require.Equal(t, s.ID(), l.Holders[0].Session)
		require.NoError(t, newSession(t, c).BreakLock(ctx, name+".claim", l.Holders[0].Sequencer.Grant))
		<-k.Context().Done() // whoever takes the lock away takes the claim away
		break
	}
}

func TestQueueIsFirstInFirstOut(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	s := newSession(t, c)
	q := recipe.NewQueue(s, "/ls/local/q")
	const n = 20
	var last string
	for i := range n {
		name, err := q.Put(ctx, fmt.Append(nil, i))
		require.NoError(t, err)
		last = name
	}
	finished := make(chan error, 1)
	go func() { finished <- recipe.NewQueue(newSession(t, c), "/ls/local/q").Finished(ctx, last) }()
	var got []string
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		got = append(got, string(k.Contents))
		if len(got) == 4 {
			require.NoError(t, k.Return(ctx)) // it comes again, as soon as we have heard of it
			require.Error(t, k.Context().Err())
			continue
		}
		require.NoError(t, k.Ack(ctx))
		require.ErrorIs(t, k.Ack(ctx), cell.ErrNotFound)
		if len(got) == 8 {
			break
		}
	}
	require.Equal(t, []string{"0", "1", "2", "3"}, got[:4])
	require.ElementsMatch(t, []string{"3", "4", "5", "6"}, got[4:])
	for k, err := range q.Take(ctx) { // claimed and not acknowledged when the loop ends: it goes back
		require.NoError(t, err)
		require.Equal(t, "7", string(k.Contents))
		break
	}
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		if got = append(got, string(k.Contents)); len(got) == 9 {
			require.Equal(t, "7", got[8])
		}
		require.NoError(t, k.Ack(ctx))
		if k.Name == last {
			break
		}
	}
	require.NoError(t, <-finished)
}

// Whose place was taken from it counts as dead: what it claimed is another's, or will be.
func TestC2_NoElementIsAcknowledgedByWhoHasLostItsPlace(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	q := recipe.NewQueue(newSession(t, c), "/ls/local/q")
	name, err := q.Put(ctx, []byte("x"))
	require.NoError(t, err)
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		place := k.Sequencer()
		require.NoError(t, newSession(t, c).BreakLock(ctx, string(place.Name), place.Grant))
		require.ErrorIs(t, k.Ack(ctx), cell.ErrStaleSequencer)
		break
	}
	_, err = newSession(t, c).Read(ctx, name)
	require.NoError(t, err, "it is for the next")
}

func TestPriorityQueueGivesTheLowestFirst(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	q := recipe.NewPriorityQueue(newSession(t, c), "/ls/local/pq")
	for _, p := range []int{5, 1, 3, 1, recipe.MaxPriority, 0} {
		_, err := q.Put(ctx, p, fmt.Append(nil, p))
		require.NoError(t, err)
	}
	_, err := q.Put(ctx, -1, nil)
	require.ErrorIs(t, err, cell.ErrUsage)
	var got []int
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(k.Priority), string(k.Contents))
		require.NoError(t, k.Ack(ctx))
		if got = append(got, k.Priority); len(got) == 6 {
			break
		}
	}
	require.Equal(t, []int{0, 1, 1, 3, 5, recipe.MaxPriority}, got)
}

func TestMembersTellsWhoComesAndGoes(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	watcher := recipe.NewMembers(newSession(t, c), "/ls/local/group")
	a, b := newSession(t, c), newSession(t, c)
	var ma *recipe.Membership
	step := 0
	for ch, err := range watcher.Watch(ctx) {
		require.NoError(t, err)
		switch step++; step {
		case 1:
			require.Empty(t, ch.All)
			ma, err = recipe.NewMembers(a, "/ls/local/group").Join(ctx, "a", []byte("1"))
			require.NoError(t, err)
		case 2:
			require.Len(t, ch.Joined, 1)
			require.Equal(t, a.ID(), ch.Joined[0].Session)
			require.NoError(t, ma.Update(ctx, []byte("2")))
		case 3:
			require.Equal(t, "2", string(ch.Updated[0].Data))
			_, err = recipe.NewMembers(b, "/ls/local/group").Join(ctx, "a", nil)
			require.ErrorIs(t, err, cell.ErrExists)
			_, err = recipe.NewMembers(b, "/ls/local/group").Join(ctx, "b", nil)
			require.NoError(t, err)
		case 4:
			require.Len(t, ch.All, 2)
			require.NoError(t, b.Close(ctx))
		case 5:
			require.Equal(t, "b", ch.Left[0].ID)
			require.NoError(t, ma.Leave(ctx))
		case 6:
			require.Empty(t, ch.All)
			return
		}
	}
}

type config struct{ Limit int }

func TestValueLosesNoUpdate(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	const writers, each = 4, 10
	var all sync.WaitGroup
	for range writers {
		v := recipe.NewValue[config](newSession(t, c), "/ls/local/app/config")
		all.Go(func() {
			for range each {
				if _, err := v.Update(ctx, func(c config) (config, error) { c.Limit++; return c, nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	s := newSession(t, c)
	v := recipe.NewValue[config](s, "/ls/local/app/config")
	seen := 0
	for now, err := range v.Watch(ctx) {
		require.NoError(t, err)
		require.GreaterOrEqual(t, now.Limit, seen)
		if seen = now.Limit; seen == writers*each {
			break
		}
	}
	all.Wait()
	now, err := v.Get(ctx)
	require.NoError(t, err)
	require.Equal(t, writers*each, now.Limit)
	_, err = s.Write(ctx, "/ls/local/app/config", []byte("no JSON"))
	require.NoError(t, err)
	_, err = v.Get(ctx)
	require.ErrorIs(t, err, cell.ErrUsage)
	require.NoError(t, v.Set(ctx, config{7}))
}

func TestNamingGivesNoNumberTwice(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	var mu sync.Mutex
	seen := map[uint64]bool{}
	var all sync.WaitGroup
	for block := 1; block <= 4; block++ {
		n := recipe.NewNaming(newSession(t, c), "/ls/local/names")
		all.Go(func() {
			last := uint64(0)
			for range 12 {
				id, err := n.ID(ctx, block)
				mu.Lock()
				if err != nil || seen[id] || id <= last {
					t.Errorf("%d after %d, seen %v: %v", id, last, seen[id], err)
				}
				seen[id], last = true, id
				mu.Unlock()
			}
		})
	}
	all.Wait()
	n := recipe.NewNaming(newSession(t, c), "/ls/local/names")
	got, err := n.Lookup(ctx, "mail")
	require.NoError(t, err)
	require.Empty(t, got)
	_, err = n.Register(ctx, "mail", "b", []byte("10.0.0.2:25"))
	require.NoError(t, err)
	_, err = n.Register(ctx, "mail", "a", []byte("10.0.0.1:25"))
	require.NoError(t, err)
	got, err = n.Lookup(ctx, "mail")
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, "a 10.0.0.1:25", got[0].ID+" "+string(got[0].Data))
}
