package recipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Tasks are handed out by an assigner, each to a named worker: by load, or as it chooses. A Queue,
// from which consumers help themselves, is simpler where no one needs to choose.
//
// A task that was submitted is given to living workers until one of them has ended it; then its own
// entry and that of its assignment go in one transaction, and its submitter hears of it. No task is
// worked on by two at a time: the tasks of a worker who dies are given to another when the lease of its
// session has run out. A task costs a commit each to submit, to give and to end, and a message for
// each of these to the assigner and to those who stand by.
type Tasks struct {
	s    *client.Session
	name string
}

// NewTasks speaks of the tasks below name. It touches no network.
func NewTasks(s *client.Session, name string) *Tasks { return &Tasks{s, name} }

// Submit adds a task and gives its name. When the outcome is unknown, it may have been added.
func (t *Tasks) Submit(ctx context.Context, data []byte) (name string, err error) {
	return steps.Submit(port{ctx, t.s}, t.name, data)
}

// Finished waits until the task of that name, which Submit gave, has been ended.
func (t *Tasks) Finished(ctx context.Context, name string) error { return gone(ctx, t.s, name) }

// Load is how many tasks a living worker has.
type Load = steps.Load

// LeastLoaded chooses the worker with the fewest tasks; "" if there is none.
func LeastLoaded(_ string, workers []Load) string {
	best := Load{}
	for _, w := range workers {
		if best.Worker == "" || w.Tasks < best.Tasks {
			best = w
		}
	}
	return best.Worker
}

// Assign takes part in assigning until ctx ends: of all who do, one assigns, the others stand by.
// choose says for each task, oldest first, which of the workers, sorted by name, is to have it; "" lets
// the task, and those behind it, wait. The error says why it ended: ErrLockLost when another assigns.
func (t *Tasks) Assign(ctx context.Context, choose func(task string, workers []Load) string) error {
	hold, err := t.s.Lock(ctx, steps.Assigner(t.name))
	if err != nil {
		return err
	}
	defer func() { _ = hold.Unlock(ctx) }()
	ctx, cancel := hold.Bind(ctx)
	defer cancel()
	err = steps.Assign(port{ctx, t.s}, t.name, hold.Sequencer(), choose)
	return errors.Join(context.Cause(ctx), err)
}

// Task is a task in the hands of its worker.
type Task = steps.Task

// Work makes the session work as worker, until ctx ends: do is called for one task after the other, in
// the order in which they were given. Its ctx ends before anybody else can have the task. The task is
// ended when do returns nil; an error ends Work, and the task goes to another worker. Names of workers
// are unique: who was restarted waits for the end of its former life.
func (t *Tasks) Work(ctx context.Context, worker string, do func(ctx context.Context, task Task) error) error {
	if !component(worker) {
		return fmt.Errorf("%w: the worker %q is no component of a name", cell.ErrBadName, worker)
	}
	stand, err := steps.TakePlaceWhenFree(port{ctx, t.s}, steps.Worker(t.name, worker))
	if err != nil {
		return err
	}
	p := &place{t.s, stand}
	defer func() {
		last, cancel := parting(ctx)
		defer cancel()
		_ = p.leave(last)
	}()
	ctx, cancel := p.hold().Bind(ctx)
	defer cancel()
	err = steps.Work(port{ctx, t.s}, t.name, worker, stand, func(task Task) error { return do(ctx, task) })
	return errors.Join(context.Cause(ctx), err)
}
