package recipe_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// meter counts what is committed in a cell.
type meter struct {
	t     *testing.T
	asker *client.Client
}

func (m meter) at() cell.Zxid {
	s, err := m.asker.Status(m.t.Context())
	require.NoError(m.t, err)
	return s.Replicas[0].Zxid
}

// commits is how many transactions something costs: the fewest of some attempts, for the cell commits
// now and then for itself.
func (m meter) commits(do func()) int {
	least := 1 << 30
	for range 4 {
		before := m.at()
		do()
		least = min(least, int(m.at()-before))
	}
	return least
}

// cost is what something is to cost.
type cost struct {
	what    string
	commits int
	do      func()
}

func (m meter) all(t *testing.T, costs []cost) {
	for _, x := range costs {
		require.Equal(t, x.commits, m.commits(x.do), x.what)
	}
}

// What the doc comments say of commits, for who is alone. The first use of a name makes its folders.
func TestWhatRecipesCost(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	m := meter{t, newClient(t, c)}
	s := newSession(t, c)
	m.all(t, []cost{
		{"a turn of the native lock", 2, func() {
			k, err := s.Lock(ctx, "/ls/local/native")
			require.NoError(t, err)
			require.NoError(t, k.Unlock(ctx))
		}},
		{"a turn of the sequential lock", 3, func() {
			k, err := recipe.NewSequentialLock(s, "/ls/local/sequential").Lock(ctx)
			require.NoError(t, err)
			require.NoError(t, k.Unlock(ctx))
		}},
		{"a leadership; the lock that passes to who waits for it is one less", 4, func() {
			k, err := s.Lock(ctx, seat)
			require.NoError(t, err)
			p := recipe.Port(ctx, s)
			node, err := steps.Announce(p, seat, steps.Leader{Held: k.Sequencer()})
			require.NoError(t, err)
			steps.Withdraw(p, node)
			require.NoError(t, k.Unlock(ctx))
		}},
		{"a permit, given back", 5, func() {
			k, err := recipe.NewSemaphore(s, "/ls/local/semaphore", 2).Acquire(ctx)
			require.NoError(t, err)
			require.NoError(t, k.Release(ctx))
		}},
		{"an update", 1, func() {
			_, err := recipe.NewValue[int](s, "/ls/local/value").Update(ctx, func(n int) (int, error) { return n + 1, nil })
			require.NoError(t, err)
		}},
		{"a hundred ids, in one block", 1, func() {
			n := recipe.NewNaming(s, "/ls/local/names")
			for range 100 {
				_, err := n.ID(ctx, 100)
				require.NoError(t, err)
			}
		}},
	})
}

func TestWhatComingTogetherCosts(t *testing.T) {
	c := startCell(t)
	ctx := limited(t)
	s := newSession(t, c)
	tasks := recipe.NewTasks(s, "/ls/local/tasks")
	go func() { _ = tasks.Assign(ctx, recipe.LeastLoaded) }()
	go func() { _ = tasks.Work(ctx, "a", func(context.Context, recipe.Task) error { return nil }) }()
	meter{t, newClient(t, c)}.all(t, []cost{
		{"an element put", 1, func() {
			_, err := recipe.NewQueue(s, "/ls/local/queue").Put(ctx, nil)
			require.NoError(t, err)
		}},
		{"joined and left", 2, func() {
			k, err := recipe.NewMembers(s, "/ls/local/group").Join(ctx, "a", nil)
			require.NoError(t, err)
			require.NoError(t, k.Leave(ctx))
		}},
		{"a barrier for one, passed and reset", 4, func() {
			b := recipe.NewBarrier(s, "/ls/local/barrier", 1)
			require.NoError(t, b.Wait(ctx))
			require.NoError(t, b.Reset(ctx))
		}},
		{"a round of one: three for itself and four for all", 7, func() {
			b := recipe.NewDoubleBarrier(s, "/ls/local/double", 1)
			require.NoError(t, b.Enter(ctx))
			require.NoError(t, b.Leave(ctx))
		}},
		{"an element put, claimed and acknowledged by one who comes for it and goes", 7, func() { oneElement(ctx, t, s) }},
		{"a task submitted, given and ended", 3, func() {
			name, err := tasks.Submit(ctx, nil)
			require.NoError(t, err)
			require.NoError(t, tasks.Finished(ctx, name))
		}},
	})
}

// oneElement is a queue's whole life of one consumer.
func oneElement(ctx context.Context, t *testing.T, s *client.Session) {
	q := recipe.NewQueue(s, "/ls/local/whole")
	_, err := q.Put(ctx, nil)
	require.NoError(t, err)
	for k, err := range q.Take(ctx) {
		require.NoError(t, err)
		require.NoError(t, k.Ack(ctx))
		break
	}
}
