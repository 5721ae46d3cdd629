package chaos

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// The crowd's size. What is shown in the large: -sessions 2000 -kills 10.
var (
	crowdSessions = flag.Int("sessions", 100, "sessions of the crowd; 2.5 cached files and 0.1 held locks for each")
	crowdKills    = flag.Int("kills", 2, "how often the crowd's master is killed")
)

const (
	crowdAtOnce  = 32 // sessions that open, or files that are made, at the same time
	crowdWriters = 8
	readersEach  = 2 // sessions that cache a file
)

// crowd is many sessions with a cache and some with a lock, and writers that change what they
// cache: nothing of it may notice that masters die.
type crowd struct {
	t        *testing.T
	cell     *processes
	client   *client.Client
	ctx      context.Context
	stop     context.CancelFunc
	writers  []*client.Session
	sessions []*client.Session
	holds    []*client.Hold
	acked    []atomic.Uint64 // of each file: the newest content generation that was acknowledged
	writes   atomic.Uint64
	reads    atomic.Uint64
	wait     sync.WaitGroup
	mu       sync.Mutex
	wrong    []error
}

func (c *crowd) fail(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrong) < 20 {
		c.wrong = append(c.wrong, fmt.Errorf(format, args...))
	}
	c.stop()
}

func (c *crowd) fine() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.NoError(c.t, errors.Join(c.wrong...))
}

func crowdFile(i int) string { return fmt.Sprintf("/ls/local/crowd/%d/%d", i%100, i) }

// all calls do for 0 … n−1, some at a time.
func (c *crowd) all(n int, do func(i int) error) {
	c.t.Helper()
	var next atomic.Int64
	var wait sync.WaitGroup
	for range crowdAtOnce {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && c.ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					c.fail("%d of %d: %w", i, n, err)
				}
			}
		})
	}
	wait.Wait()
	c.fine()
}

// gather opens the sessions, makes the files, fills the caches and takes the locks.
func (c *crowd) gather() {
	c.sessions = make([]*client.Session, *crowdSessions)
	c.writers = make([]*client.Session, crowdWriters)
	c.holds = make([]*client.Hold, *crowdSessions/10)
	c.acked = make([]atomic.Uint64, *crowdSessions*5/2)
	open := func(to []*client.Session) {
		c.all(len(to), func(i int) (err error) {
			to[i], err = c.client.NewSession(c.ctx)
			return err
		})
	}
	open(c.writers)
	open(c.sessions)
	c.all(len(c.acked), func(i int) error {
		stat, err := c.writers[i%crowdWriters].Create(c.ctx, crowdFile(i), []byte("0"), client.Parents())
		c.acked[i].Store(stat.ContentGeneration)
		return err
	})
	c.all(len(c.acked), func(i int) error { return c.readEverywhere(i) })
	c.all(len(c.holds), func(i int) (err error) {
		c.holds[i], err = c.sessions[i].Lock(c.ctx, fmt.Sprintf("/ls/local/held/%d", i))
		return err
	})
}

// cachers are the sessions that read file i.
func (c *crowd) cachers(i int) (some []*client.Session) {
	for j := range readersEach {
		some = append(some, c.sessions[(i+j*len(c.sessions)/2)%len(c.sessions)])
	}
	return some
}

// readEverywhere reads file i in every session that caches it: none may see less than what was
// acknowledged before its read began.
func (c *crowd) readEverywhere(i int) error {
	for _, s := range c.cachers(i) {
		before := c.acked[i].Load()
		f, err := s.Read(c.ctx, crowdFile(i))
		if err != nil {
			return err
		}
		if f.Stat.ContentGeneration < before {
			return fmt.Errorf("file %d: a read gave generation %d after %d had been acknowledged", i,
				f.Stat.ContentGeneration, before)
		}
		c.reads.Add(1)
	}
	return nil
}

// write changes files one after the other, those of its own; while each write is on its way, and
// after it, the file is read wherever it is cached.
func (c *crowd) write(w int) {
	s := c.writers[w]
	for c.ctx.Err() == nil {
		i := rand.N(len(c.acked)/crowdWriters)*crowdWriters + w
		n := c.acked[i].Load()
		meanwhile := make(chan error, 1)
		go func() { meanwhile <- c.readEverywhere(i) }()
		stat, err := s.Write(c.ctx, crowdFile(i), fmt.Appendf(nil, "%d", n), client.IfGeneration(n))
		if err == nil && stat.ContentGeneration != n+1 {
			err = fmt.Errorf("a write to generation %d made %d", n, stat.ContentGeneration)
		}
		if err == nil {
			c.acked[i].Store(n + 1)
			c.writes.Add(1)
			err = c.readEverywhere(i)
		}
		if err = errors.Join(err, <-meanwhile); err != nil && c.ctx.Err() == nil {
			c.fail("writer %d: %w", w, err)
		}
	}
}

func (c *crowd) progress(more uint64) {
	c.t.Helper()
	from := c.writes.Load()
	require.Eventually(c.t, func() bool { return c.writes.Load() >= from+more || c.ctx.Err() != nil },
		2*time.Minute, 10*time.Millisecond, "%d more writes after %d", more, from)
	c.fine()
}

// unhurt wants every session and every hold as it was.
func (c *crowd) unhurt() {
	c.t.Helper()
	for _, s := range c.sessions {
		require.NoError(c.t, s.Context().Err(), "session %v: %v", s.ID(), context.Cause(s.Context()))
	}
	for _, h := range c.holds {
		require.NoError(c.t, h.Context().Err(), "a hold was lost: %v", context.Cause(h.Context()))
	}
}

// TestC5_ACrowdRidesThroughTheDeathsOfMasters: sessions with caches and locks go through SIGKILLs of
// the master without one expiry, one lost hold, one stale read.
func TestC5_ACrowdRidesThroughTheDeathsOfMasters(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	c := &crowd{t: t, cell: p, client: p.client()}
	c.ctx, c.stop = context.WithCancel(context.Background())
	defer c.stop()
	c.gather()
	for w := range c.writers {
		c.wait.Go(func() { c.write(w) })
	}
	c.progress(100)
	for n := range *crowdKills {
		m := p.master()
		began := time.Now()
		p.kill(m)
		c.progress(100)
		t.Logf("kill %d: 100 writes after %v", n+1, time.Since(began).Round(time.Millisecond))
		p.serve(m)
		p.whole()
		c.unhurt()
	}
	c.progress(100)
	c.unhurt()
	c.all(len(c.holds), func(i int) error { return c.client.CheckSequencer(c.ctx, c.holds[i].Sequencer()) })
	for i := 1; i <= 5; i++ {
		require.Zero(t, p.metric(i, "cell_sessions_expired_total"), "replica %d", i)
	}
	c.stop()
	c.wait.Wait()
	c.fine()
	require.Positive(t, c.writes.Load())
	hits := uint64(0)
	for _, s := range c.sessions {
		hits += s.CacheStats().Hits
	}
	require.Positive(t, hits)
	t.Logf("%d sessions, %d files, %d holds, %d kills: %d writes, %d reads, %d of them from caches",
		len(c.sessions), len(c.acked), len(c.holds), *crowdKills, c.writes.Load(), c.reads.Load(), hits)
}
