package recipe_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe"
)

func TestTasksOfADeadWorkerGoToAnother(t *testing.T) {
	c := startCell(t)
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	submitter := recipe.NewTasks(newSession(t, c), "/ls/local/tasks")
	var names []string
	for i := range 6 {
		name, err := submitter.Submit(ctx, fmt.Append(nil, i))
		require.NoError(t, err)
		names = append(names, name)
	}
	ends := make(chan error, 2)
	go func() { ends <- recipe.NewTasks(newSession(t, c), "/ls/local/tasks").Assign(ctx, recipe.LeastLoaded) }()
	stuck := make(chan recipe.Task, 1)
	dying, living := newSession(t, c), newSession(t, c)
	go func() {
		_ = recipe.NewTasks(dying, "/ls/local/tasks").Work(ctx, "a", func(ctx context.Context, task recipe.Task) error {
			stuck <- task
			<-ctx.Done()
			return context.Cause(ctx)
		})
	}()
	task := <-stuck
	check := newClient(t, c)
	require.NoError(t, check.CheckSequencer(ctx, task.Held))
	require.NoError(t, dying.Close(ctx))
	did := map[string]bool{}
	go func() {
		ends <- recipe.NewTasks(living, "/ls/local/tasks").Work(ctx, "b", func(_ context.Context, task recipe.Task) error {
			did[string(task.Contents)] = true
			return nil
		})
	}()
	for _, name := range names {
		require.NoError(t, submitter.Finished(ctx, name))
	}
	require.ErrorIs(t, check.CheckSequencer(ctx, task.Held), cell.ErrStaleSequencer)
	cancel()
	for range 2 {
		require.ErrorIs(t, <-ends, context.Canceled)
	}
	require.Len(t, did, 6)
	s := newSession(t, c)
	require.Eventually(t, func() bool { // the entries went with the tasks, the folders follow
		left, err := s.List(limited(t), "/ls/local/tasks/given")
		return errors.Is(err, cell.ErrNotFound) || err == nil && len(left) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

// The assigner chooses: who has nothing to choose from waits, and so do those behind it.
func TestAnAssignerGivesATaskToANamedWorker(t *testing.T) {
	c := startCell(t)
	ctx, cancel := context.WithCancel(limited(t))
	defer cancel()
	submitter := recipe.NewTasks(newSession(t, c), "/ls/local/tasks")
	go func() {
		_ = recipe.NewTasks(newSession(t, c), "/ls/local/tasks").Assign(ctx,
			func(_ string, workers []recipe.Load) string {
				for _, w := range workers {
					if w.Worker == "right" {
						return w.Worker
					}
				}
				return ""
			})
	}()
	work := func(who string) {
		go func() {
			_ = recipe.NewTasks(newSession(t, c), "/ls/local/tasks").Work(ctx, who,
				func(context.Context, recipe.Task) error {
					if who != "right" {
						t.Errorf("the task is given to %s", who)
					}
					return nil
				})
		}()
	}
	work("left")
	name, err := submitter.Submit(ctx, nil)
	require.NoError(t, err)
	work("right")
	require.NoError(t, submitter.Finished(ctx, name))
	require.ErrorIs(t, submitter.Work(ctx, "a/b", nil), cell.ErrBadName)
}
