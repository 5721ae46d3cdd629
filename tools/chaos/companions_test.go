package chaos

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// companions are sessions that each hold a lock and write all the time, until check.
type companions struct {
	sessions []*client.Session
	holds    []*client.Hold
	wrote    []int
	wrong    []error
	end      chan struct{}
	wait     sync.WaitGroup
}

func accompany(ctx context.Context, t *testing.T, c *client.Client, many int) *companions {
	t.Helper()
	a := &companions{wrote: make([]int, many), wrong: make([]error, many), end: make(chan struct{})}
	for n := range many {
		s, err := c.NewSession(ctx)
		require.NoError(t, err)
		hold, err := s.Lock(ctx, fmt.Sprintf("/ls/local/held-%d", n))
		require.NoError(t, err)
		a.sessions, a.holds = append(a.sessions, s), append(a.holds, hold)
		a.wait.Go(func() { a.write(ctx, n, s) })
	}
	return a
}

// write ends at the first error: none may come.
func (a *companions) write(ctx context.Context, n int, s *client.Session) {
	name := fmt.Sprintf("/ls/local/by-%d", n)
	for a.wrong[n] == nil {
		select {
		case <-a.end:
			return
		default:
			if _, a.wrong[n] = s.Write(ctx, name, []byte("x"), client.OrCreate()); a.wrong[n] == nil {
				a.wrote[n]++
			}
		}
	}
}

// check ends the writing: nobody has lost a session, a hold or a write.
func (a *companions) check(ctx context.Context, t *testing.T) {
	t.Helper()
	close(a.end)
	a.wait.Wait()
	all := 0
	for n, s := range a.sessions {
		require.NoError(t, a.wrong[n])
		require.Positive(t, a.wrote[n])
		require.Equal(t, client.Connected, s.State())
		require.NoError(t, a.holds[n].Context().Err())
		require.NoError(t, a.holds[n].Unlock(ctx))
		all += a.wrote[n]
	}
	t.Logf("%d sessions lived on, with their holds, through %d writes", len(a.sessions), all)
}
