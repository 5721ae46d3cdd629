package chaos

import (
	"context"
	"sync"
	"testing"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe"
)

// groupWatch follows a group by its changes alone, and finds changes that do not fit.
type groupWatch struct {
	t   *testing.T
	mu  sync.Mutex
	all map[string]uint64 // who is in, by what Joined and Left have said
	n   int
}

func watchGroup(ctx context.Context, t *testing.T, p *processes) *groupWatch {
	g := &groupWatch{t: t, all: map[string]uint64{}}
	c := p.client()
	go func() {
		_ = recipe.Lasting(ctx, c, func(ctx context.Context, s *client.Session) error {
			g.mu.Lock()
			clear(g.all) // another watch begins with who is in now
			g.mu.Unlock()
			for ch, err := range recipe.NewMembers(s, under+"members").Watch(ctx) {
				if err != nil {
					return err
				}
				g.note(ch)
			}
			return nil
		})
	}()
	return g
}

func (g *groupWatch) note(ch recipe.Change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
	for _, m := range ch.Left {
		if g.all[m.ID] != m.Joined {
			g.t.Errorf("%v left and was not in", m)
		}
		delete(g.all, m.ID)
	}
	for _, m := range ch.Joined {
		if g.all[m.ID] != 0 {
			g.t.Errorf("%v joined and was in", m)
		}
		g.all[m.ID] = m.Joined
	}
	if len(g.all) != len(ch.All) {
		g.t.Errorf("the changes make %v of the group, it is %v", g.all, ch.All)
	}
}

func (g *groupWatch) now() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []string
	for id := range g.all {
		all = append(all, id)
	}
	return all
}

func (g *groupWatch) changes() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.n
}
