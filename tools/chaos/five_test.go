package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// life is what a program does with a cell while its processes die.
type life struct {
	t       *testing.T
	ctx     context.Context
	stop    context.CancelFunc
	wait    sync.WaitGroup
	cell    *processes
	acked   atomic.Uint64 // the newest content generation of file that was acknowledged
	seen    atomic.Uint64 // the newest that the watcher was told
	reads   atomic.Uint64
	inside  atomic.Int32 // holders of contended, by their own account
	handed  atomic.Uint64
	turning sync.Mutex
	turn    *sync.Cond // told of every acknowledged write
	mu      sync.Mutex
	wrong   []error
	streams []*client.Session
}

const (
	readsPerWrite = 100

	file      = "/ls/local/file"
	contended = "/ls/local/contended"
	kept      = "/ls/local/kept"
)

func (l *life) fail(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Errorf(format, args...))
	l.stop()
}

func (l *life) errors() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.wrong...)
}

func (l *life) session() *client.Session {
	l.t.Helper()
	s, err := l.cell.client().NewSession(l.ctx)
	require.NoError(l.t, err)
	l.streams = append(l.streams, s)
	return s
}

func (l *life) run(f func(s *client.Session)) {
	s := l.session()
	l.wait.Add(1)
	go func() {
		defer l.wait.Done()
		f(s)
	}()
}

// write counts: every write must find exactly the generation that the last one made.
func (l *life) write(s *client.Session) {
	for n := l.acked.Load(); l.ctx.Err() == nil; n++ {
		stat, err := s.Write(context.Background(), file, fmt.Appendf(nil, "%d", n), client.IfGeneration(n))
		if err != nil {
			l.fail("write %d: %w", n, err)
			return
		}
		if stat.ContentGeneration != n+1 {
			l.fail("write %d made generation %d", n, stat.ContentGeneration)
			return
		}
		l.acked.Store(n + 1)
		l.turn.Broadcast()
	}
}

// nextWrite waits until one more write has been acknowledged, or the end.
func (l *life) nextWrite() bool {
	l.turning.Lock()
	defer l.turning.Unlock()
	if l.ctx.Err() == nil {
		l.turn.Wait()
	}
	return l.ctx.Err() == nil
}

// read reads from the cache, many times for each write: never older than what was acknowledged
// before it began.
func (l *life) read(s *client.Session) {
	for n := 0; l.ctx.Err() == nil; n++ {
		if n%readsPerWrite == 0 && !l.nextWrite() {
			return
		}
		before := l.acked.Load()
		f, err := s.Read(l.ctx, file)
		if err != nil {
			if l.ctx.Err() == nil {
				l.fail("read: %w", err)
			}
			return
		}
		if f.Stat.ContentGeneration < before {
			l.fail("a read gave generation %d after %d had been acknowledged", f.Stat.ContentGeneration, before)
			return
		}
		l.reads.Add(1)
	}
}

// watch must be told every generation, in order.
func (l *life) watch(s *client.Session) {
	for e, err := range s.Watch(l.ctx, file) {
		if err != nil {
			if l.ctx.Err() == nil {
				l.fail("watch: %w", err)
			}
			return
		}
		switch e.Kind {
		case client.EventCurrent:
			l.seen.Store(e.Stat.ContentGeneration)
		case client.EventModified:
			if last := l.seen.Load(); e.Stat.ContentGeneration != last+1 {
				l.fail("the watch was told of generation %d after %d", e.Stat.ContentGeneration, last)
				return
			}
			l.seen.Store(e.Stat.ContentGeneration)
		case client.EventResync:
			l.fail("the watch was told to begin anew")
			return
		}
	}
}

// contend takes a lock again and again: never two at once.
func (l *life) contend(s *client.Session) {
	for l.ctx.Err() == nil {
		err := s.WithLock(l.ctx, contended, func(context.Context, cell.Sequencer) error {
			if n := l.inside.Add(1); n != 1 {
				l.fail("%d hold the contended lock", n)
			}
			l.handed.Add(1)
			l.inside.Add(-1)
			return nil
		})
		if err != nil && l.ctx.Err() == nil {
			l.fail("lock: %w", err)
			return
		}
	}
}

// progress waits until the writer has had so many more writes acknowledged.
func (l *life) progress(more uint64) {
	l.t.Helper()
	from := l.acked.Load()
	require.Eventually(l.t, func() bool { return l.acked.Load() >= from+more || l.ctx.Err() != nil },
		time.Minute, 5*time.Millisecond, "%d more writes after %d", more, from)
	require.NoError(l.t, l.errors())
}

func TestC5_FiveProcessesKilledThreeTimes(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	ctx, stop := context.WithCancel(context.Background())
	l := &life{t: t, ctx: ctx, stop: stop, cell: p}
	l.turn = sync.NewCond(&l.turning)
	defer context.AfterFunc(ctx, func() {
		l.turning.Lock() // nobody is between looking at ctx and waiting
		defer l.turning.Unlock()
		l.turn.Broadcast()
	})()
	defer stop()

	keeper, other := l.session(), l.session()
	stat, err := keeper.Create(ctx, file, []byte("0"))
	require.NoError(t, err)
	l.acked.Store(stat.ContentGeneration)
	hold, err := keeper.Lock(ctx, kept)
	require.NoError(t, err)
	_, err = keeper.Create(ctx, "/ls/local/ephemeral", nil, client.Ephemeral())
	require.NoError(t, err)
	granted := make(chan *client.Hold, 1)
	l.wait.Add(1)
	go func() {
		defer l.wait.Done()
		k, err := other.Lock(context.Background(), kept)
		if err != nil {
			l.fail("the waiter: %w", err)
		}
		granted <- k
	}()
	for _, f := range []func(*client.Session){l.write, l.read, l.read, l.watch, l.contend, l.contend} {
		l.run(f)
	}
	l.progress(200)

	for range 3 {
		m := p.master()
		p.kill(m)
		l.progress(200)
		p.serve(m)
		p.whole()
		l.progress(200)
	}
	lagging(t, p, l)
	minority(t, p, l)

	require.NoError(t, hold.Context().Err(), "the hold was lost: %v", context.Cause(hold.Context()))
	require.NoError(t, p.client().CheckSequencer(context.Background(), hold.Sequencer()))
	require.Empty(t, granted, "the waiter was granted a lock that is held")
	_, err = other.Stat(context.Background(), "/ls/local/ephemeral")
	require.NoError(t, err, "the ephemeral of a live session")
	for _, s := range l.streams {
		require.NoError(t, s.Context().Err(), "session %v: %v", s.ID(), context.Cause(s.Context()))
	}
	require.NoError(t, hold.Unlock(context.Background()))
	require.NotNil(t, <-granted)
	l.finish()
}

// lagging kills a follower, lets it miss 1,000 writes, and wants it back by DIFF.
func lagging(t *testing.T, p *processes, l *life) {
	m := p.master()
	lag := m%5 + 1
	diffs, snaps := p.metric(m, `cell_sync_total{kind="diff"}`), p.metric(m, `cell_sync_total{kind="snap"}`)
	p.kill(lag)
	l.progress(1000)
	p.serve(lag)
	p.whole()
	require.Equal(t, m, p.master(), "the master has not changed meanwhile")
	require.Greater(t, p.metric(m, `cell_sync_total{kind="diff"}`), diffs)
	require.Equal(t, snaps, p.metric(m, `cell_sync_total{kind="snap"}`))
}

// minority kills three of five: refused while they are away, and on again when they are back.
func minority(t *testing.T, p *processes, l *life) {
	m := p.master()
	var dead []int
	for i := 1; i <= 5 && len(dead) < 2; i++ {
		if i != m {
			p.kill(i)
			dead = append(dead, i)
		}
	}
	l.progress(100) // two of five are dead: it serves
	p.kill(m)
	dead = append(dead, m)
	s := p.until("no master", func(s client.Status) bool { return s.Master == 0 })
	said := ""
	for _, r := range s.Replicas {
		said += r.Why
	}
	require.Contains(t, said, "no quorum", "what is missing is said")
	c, err := client.New(client.Config{Endpoints: p.endpoints, Patience: time.Second})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	_, err = c.Read(l.ctx, file)
	require.ErrorIs(t, err, cell.ErrNoMaster)
	for _, i := range dead {
		p.serve(i)
	}
	p.whole()
	l.progress(100)
}

// finish stops everything and looks at what came of it.
func (l *life) finish() {
	t := l.t
	last := l.acked.Load()
	require.Eventually(t, func() bool { return l.seen.Load() >= last || l.ctx.Err() != nil },
		time.Minute, 5*time.Millisecond,
		"the watcher hears of generation %d", last)
	l.stop()
	l.wait.Wait()
	require.NoError(t, l.errors())
	f, err := l.cell.client().Read(context.Background(), file)
	require.NoError(t, err)
	require.Equal(t, l.acked.Load(), f.Stat.ContentGeneration, "acknowledged writes are there, none twice")
	t.Logf("%d writes, %d reads, %d hand-overs, %d events", l.acked.Load(), l.reads.Load(), l.handed.Load(), l.seen.Load())
	require.Positive(t, l.reads.Load())
	require.Positive(t, l.handed.Load())
}
