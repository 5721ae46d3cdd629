package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

// counter is a file that is written again and again: its generation is how often.
const counter = "/ls/local/counter"

// replicaReads is what the readers at replicas share.
type replicaReads struct {
	t       *testing.T
	acked   atomic.Uint64 // generation of the counter that its writer was told of
	loose   atomic.Int64
	synced  atomic.Int64
	refused atomic.Int64
}

// TestC6_ReadsAtReplicasNeverGoBackwards: through deaths of masters and followers, and followers that
// stand still for longer than anybody waits for them and then go on with what they had, no client is
// shown less than it was shown before, or wrote itself; with Sync, none less than was acknowledged to
// anybody.
func TestC6_ReadsAtReplicasNeverGoBackwards(t *testing.T) {
	realProcesses(t)
	p := start(t, shortLives...)
	p.whole()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	r := &replicaReads{t: t}
	var all sync.WaitGroup
	r.begin(ctx, p, &all)
	for range 4 {
		for range 4 {
			p.pauseOne()
		}
		f := 1 + p.master()%5
		p.kill(f)
		m := p.master()
		p.kill(m)
		p.serve(f)
		p.pauseOne()
		p.serve(m)
		p.whole()
	}
	stop()
	all.Wait()
	t.Logf("%d reads at replicas, %d synced, %d refused; %d writes", r.loose.Load(), r.synced.Load(), r.refused.Load(),
		r.acked.Load())
	require.Positive(t, r.loose.Load())
	require.Positive(t, r.synced.Load())
}

// pauseOne lets a replica that is not the master stand still for a while.
func (p *processes) pauseOne() {
	m := p.master()
	i := 1 + (m+rand.IntN(4))%5
	p.signal(i, syscall.SIGSTOP)
	dwell(context.Background(), 1500)
	p.signal(i, syscall.SIGCONT)
}

func (r *replicaReads) begin(ctx context.Context, p *processes, all *sync.WaitGroup) {
	s, err := p.client().NewSession(ctx)
	require.NoError(r.t, err)
	_, err = s.Create(ctx, counter, nil)
	require.NoError(r.t, err)
	all.Go(func() {
		for ctx.Err() == nil {
			st, err := s.Write(ctx, counter, nil)
			if err == nil {
				r.acked.Store(st.ContentGeneration)
			} else if ctx.Err() == nil {
				r.t.Errorf("the writer: %v", err)
				return
			}
		}
	})
	for i := range 4 {
		loose, synced := p.client(), p.client()
		own, err := p.client().NewSession(ctx)
		require.NoError(r.t, err)
		all.Go(func() { r.looseReader(ctx, loose) })
		all.Go(func() { r.ownReader(ctx, own, fmt.Sprintf("/ls/local/own-%d", i)) })
		all.Go(func() { r.syncedReader(ctx, synced) })
	}
}

// answered: a read that found no replica says nothing; any other failure is wrong.
func (r *replicaReads) answered(ctx context.Context, err error, many *atomic.Int64) bool {
	switch {
	case err == nil:
		many.Add(1)
		return true
	case ctx.Err() != nil:
	case errors.Is(err, cell.ErrNoMaster):
		r.refused.Add(1)
	default:
		r.t.Errorf("a read at a replica: %v", err)
	}
	return false
}

func (r *replicaReads) looseReader(ctx context.Context, c *client.Client) {
	seen := cell.Stat{}
	for ctx.Err() == nil {
		f, err := c.Read(ctx, counter, client.AtReplica())
		if !r.answered(ctx, err, &r.loose) {
			continue
		}
		if f.Stat.Zxid < seen.Zxid || f.Stat.ContentGeneration < seen.ContentGeneration {
			r.t.Errorf("a client was shown %+v after %+v", f.Stat, seen)
		}
		seen = f.Stat
	}
}

func (r *replicaReads) ownReader(ctx context.Context, s *client.Session, name string) {
	for ctx.Err() == nil {
		st, err := s.Write(ctx, name, nil, client.OrCreate())
		if err != nil {
			if ctx.Err() == nil {
				r.t.Errorf("a reader's own write: %v", err)
			}
			return
		}
		for range 20 {
			f, err := s.Read(ctx, name, client.AtReplica())
			if r.answered(ctx, err, &r.loose) && f.Stat.ContentGeneration != st.ContentGeneration {
				r.t.Errorf("a client wrote generation %d and was shown %d", st.ContentGeneration, f.Stat.ContentGeneration)
			}
		}
	}
}

func (r *replicaReads) syncedReader(ctx context.Context, c *client.Client) {
	for ctx.Err() == nil {
		before := r.acked.Load()
		f, err := c.Read(ctx, counter, client.Sync())
		if r.answered(ctx, err, &r.synced) && f.Stat.ContentGeneration < before {
			r.t.Errorf("generation %d was acknowledged before a synced read gave %d", before, f.Stat.ContentGeneration)
		}
	}
}
