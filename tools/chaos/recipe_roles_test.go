package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
)

// under is where the recipes of this test are.
const under = "/ls/local/recipes/"

// Each of these numbers is of one recipe's test.
const (
	permits = 2 // of the semaphore
	meeting = 3 // come together at a barrier
	block   = 3 // of ids
)

func roles() map[string]role {
	return map[string]role{
		"elect": electRole, "observe": observeRole, "write": writeRole, "read": readRole, "permit": permitRole,
		"barrier": barrierRole, "double": doubleRole, "put": putRole, "take": takeRole, "member": memberRole,
		"update": updateRole, "name": nameRole, "factory": factoryRole, "agent": agentRole,
		"submit": submitRole, "assign": assignRole, "work": workRole,
	}
}

// again does a round of work in one session after the other until ctx ends. Losses are what the test
// is about; each is another round.
func again(ctx context.Context, p *participant, do func(ctx context.Context, s *client.Session) error) error {
	for ctx.Err() == nil {
		err := recipe.Lasting(ctx, p.c, func(ctx context.Context, s *client.Session) error {
			for ctx.Err() == nil {
				if err := do(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil && !lost(err) {
			return err
		}
	}
	return nil
}

func lost(err error) bool {
	for _, e := range []error{cell.ErrLockLost, cell.ErrStaleSequencer, cell.ErrStaleHandle, cell.ErrSessionExpired} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// stay notes that it is in, for a while, and that it is out: before anybody else can be.
func (p *participant) stay(ctx context.Context, most int, args ...any) {
	if ctx.Err() == nil {
		p.note("begin", args...)
		dwell(ctx, most)
		p.note("end", args...)
	}
}

func electRole(ctx context.Context, p *participant) error {
	for ctx.Err() == nil {
		err := recipe.Elect(ctx, p.c, under+"leader", []byte(p.id), func(ctx context.Context, q cell.Sequencer) error {
			p.stay(ctx, 400, q.Token())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func observeRole(ctx context.Context, p *participant) error {
	for l, err := range recipe.Observe(ctx, p.c, under+"leader") {
		if err != nil {
			return err
		}
		p.note("sees", l.Held.Token(), "by:"+string(l.Value))
	}
	return nil
}

func writeRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		return sequential(ctx, p, recipe.NewSequentialLock(s, under+"sequential").Lock)
	})
}

func readRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		return sequential(ctx, p, recipe.NewSequentialLock(s, under+"sequential").RLock)
	})
}

func sequential(ctx context.Context, p *participant,
	take func(context.Context) (*recipe.SequentialHold, error)) error {
	h, err := take(ctx)
	if err != nil {
		return err
	}
	p.stay(h.Context(), 50)
	dwell(ctx, 50)
	return h.Unlock(context.WithoutCancel(ctx))
}

func permitRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		h, err := recipe.NewSemaphore(s, under+"semaphore", permits).Acquire(ctx)
		if err != nil {
			return err
		}
		p.stay(h.Context(), 80)
		return h.Release(context.WithoutCancel(ctx))
	})
}

func barrierRole(ctx context.Context, p *participant) error {
	n := 0
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		p.note("come", n)
		if err := recipe.NewBarrier(s, fmt.Sprint(under, "barrier", n), meeting).Wait(ctx); err != nil {
			return err
		}
		p.note("pass", n)
		n++
		dwell(ctx, 100)
		return nil
	})
}

func doubleRole(ctx context.Context, p *participant) error {
	return recipe.Lasting(ctx, p.c, func(ctx context.Context, s *client.Session) error {
		b := recipe.NewDoubleBarrier(s, under+"double", meeting)
		for ctx.Err() == nil {
			p.note("come")
			if err := b.Enter(ctx); err != nil {
				return err
			}
			p.note("in", b.Round())
			dwell(ctx, 50)
			p.note("leave", b.Round())
			if err := b.Leave(ctx); err != nil {
				return err
			}
			p.note("out", b.Round())
		}
		return nil
	})
}

func putRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		name, err := recipe.NewPriorityQueue(s, under+"queue").Put(ctx, rand.IntN(3), []byte(p.id))
		if err != nil {
			return err
		}
		p.note("put", name)
		dwell(ctx, 60)
		return nil
	})
}

func takeRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		for k, err := range recipe.NewPriorityQueue(s, under+"queue").Take(ctx) {
			if err != nil {
				return err
			}
			p.stay(k.Context(), 60, k.Name)
			switch err := k.Ack(context.WithoutCancel(ctx)); {
			case err == nil:
				p.note("ack", k.Name)
			case !lost(err) && !errors.Is(err, cell.ErrNotFound): // lost: it goes to another
				return err
			}
		}
		return nil
	})
}

func memberRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		m, err := recipe.NewMembers(s, under+"members").Rejoin(ctx, p.name(), []byte(p.id))
		if err != nil {
			return err
		}
		p.note("join")
		dwell(ctx, 500)
		p.note("leave")
		return m.Leave(context.WithoutCancel(ctx))
	})
}

func updateRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		n, err := recipe.NewValue[uint64](s, under+"value").Update(ctx, func(n uint64) (uint64, error) { return n + 1, nil })
		if err != nil {
			return err
		}
		p.note("made", n)
		dwell(ctx, 40)
		return nil
	})
}

func nameRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		n := recipe.NewNaming(s, under+"names")
		for ctx.Err() == nil {
			id, err := n.ID(ctx, block)
			if err != nil {
				return err
			}
			p.note("id", id)
			dwell(ctx, 40)
		}
		return nil
	})
}

func submitRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		t := recipe.NewTasks(s, under+"tasks")
		name, err := t.Submit(ctx, nil)
		if err != nil {
			return err
		}
		p.note("submit", name)
		if err := t.Finished(ctx, name); err != nil {
			return err
		}
		p.note("finished", name)
		return nil
	})
}

func assignRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		return recipe.NewTasks(s, under+"tasks").Assign(ctx, recipe.LeastLoaded)
	})
}

func workRole(ctx context.Context, p *participant) error {
	return again(ctx, p, func(ctx context.Context, s *client.Session) error {
		return recipe.NewTasks(s, under+"tasks").Work(ctx, p.name(), func(ctx context.Context, task recipe.Task) error {
			p.stay(ctx, 60, task.Name)
			return ctx.Err() // what was not finished goes to another
		})
	})
}
