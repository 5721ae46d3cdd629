package shard

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Shards are the shards 0 … Count−1 that are divided up below a name. All who speak of them must say
// the same Count.
type Shards struct {
	Client *client.Client
	Name   string
	Count  int
}

// MaxCount bounds Count: the plan is one node's contents.
const MaxCount = 4096

// planner is the node below Name whose lock decides who plans.
const planner = "/planner"

// Plan takes part in planning until ctx ends: of all who do, one writes plans, and when it is lost
// another goes on where it was. address is what Planner tells of us meanwhile.
func (h Shards) Plan(ctx context.Context, address []byte) error {
	if err := h.check(); err != nil {
		return err
	}
	e := recipe.Election{Client: h.Client, Name: h.Name + planner, Value: address}
	return e.Run(ctx, func(ctx context.Context, l recipe.Leadership) error {
		return steps.Lead(recipe.Port(ctx, l.Session), h.Name, h.Count, l.Hold.Sequencer())
	})
}

// Planner tells who plans, as recipe.Observe does.
func (h Shards) Planner(ctx context.Context) iter.Seq2[recipe.Leader, error] {
	return recipe.Observe(ctx, h.Client, h.Name+planner)
}

func (h Shards) check() error {
	if h.Count < 1 || h.Count > MaxCount {
		return fmt.Errorf("%w: %d shards, not within 1–%d", cell.ErrUsage, h.Count, MaxCount)
	}
	return nil
}

// Work makes member work on the shards that the plans give it, until ctx ends: work is called for
// each, in a goroutine of its own. Its ctx ends when the shard is to be given up, and before another
// can have it; until work has returned the shard is not handed on, so it should finish what it does,
// and soon. A work that returns before it must has finished its shard: with an error it ends Work, with
// nil the shard is kept, idle, until it moves. Member ids are unique: a restarted member waits until
// its former life is over. Work outlives sessions; between two of them it works on nothing.
func (h Shards) Work(ctx context.Context, member string,
	work func(ctx context.Context, shard int, held cell.Sequencer) error) error {
	if err := h.check(); err != nil {
		return err
	}
	return recipe.Lasting(ctx, h.Client, func(ctx context.Context, s *client.Session) error {
		if _, err := recipe.NewMembers(s, steps.MembersOf(h.Name)).Rejoin(ctx, member, nil); err != nil {
			return err
		}
		w := &worker{shards: h, s: s, work: work, mine: map[int]context.CancelFunc{}}
		return w.follow(ctx, member)
	})
}

// worker is one member in one session.
type worker struct {
	shards Shards
	s      *client.Session
	work   func(ctx context.Context, shard int, held cell.Sequencer) error

	mine map[int]context.CancelFunc // what the plan gives us: the end of its goroutine
	all  sync.WaitGroup
	fail context.CancelCauseFunc
}

// follow works as the plans say, until one of the shards fails or ctx ends. All have returned then.
func (w *worker) follow(ctx context.Context, member string) error {
	ctx, fail := context.WithCancelCause(ctx)
	w.fail = fail
	defer w.all.Wait()
	defer fail(nil)
	h := &w.shards
	err := steps.Follow(recipe.Port(ctx, w.s), h.Name, h.Count, member,
		func(shard int) { w.begin(ctx, shard) }, func(shard int) { w.mine[shard]() })
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// begin works on a shard until the plan says otherwise.
func (w *worker) begin(ctx context.Context, shard int) {
	given, end := context.WithCancel(ctx)
	w.mine[shard] = end
	w.all.Go(func() {
		defer end()
		err := w.own(given, shard)
		for errors.Is(err, cell.ErrStaleHandle) { // somebody removed the lock's node while we waited
			err = w.own(given, shard)
		}
		if err != nil && given.Err() == nil {
			w.fail(err)
		}
	})
}

// own waits for the shard's lock, works, and gives the lock back.
func (w *worker) own(ctx context.Context, shard int) error {
	return w.s.WithLock(ctx, steps.ShardName(w.shards.Name, shard),
		func(held context.Context, q cell.Sequencer) error {
			if err := w.work(held, shard, q); err != nil {
				if held.Err() != nil && ctx.Err() == nil {
					return context.Cause(held) // lost, not finished
				}
				return err
			}
			<-held.Done()
			if ctx.Err() == nil {
				return context.Cause(held)
			}
			return nil
		})
}

// Run both plans and works: what a farm of equals wants.
func (h Shards) Run(ctx context.Context, member string,
	work func(ctx context.Context, shard int, held cell.Sequencer) error) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		if err := h.Plan(ctx, []byte(member)); err != nil {
			fail(err)
		}
	})
	err := h.Work(ctx, member, work)
	fail(err)
	return err
}

// Owners is who is to work on each shard by the last plan, "" for nobody.
func (h Shards) Owners(ctx context.Context, s *client.Session) ([]string, error) {
	return steps.Owners(recipe.Port(ctx, s), h.Name, h.Count)
}
