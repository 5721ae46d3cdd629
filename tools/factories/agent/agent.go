package agent

import (
	"context"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/shard"
)

// Farm is a task farm below a name.
func Farm(c *client.Client, name string, accounts int) shard.Shards {
	return shard.Shards{Client: c, Name: name, Count: accounts}
}

// Factory takes part in being the active factory, until ctx ends.
func Factory(ctx context.Context, farm shard.Shards, address string) error {
	return farm.Plan(ctx, []byte(address))
}

// Agent is one of those who work.
type Agent struct {
	Farm shard.Shards
	Name string // the same in each life
	// Sees is told who is the active factory, "" for nobody; Do does one task of an account, for it: what
	// has begun is finished, also when the account moves meanwhile.
	Sees func(factory string)
	Do   func(account int, held cell.Sequencer, factory string)
}

// Run works until ctx ends.
func (a Agent) Run(ctx context.Context) error {
	gate := &gate{changed: make(chan struct{})}
	var all sync.WaitGroup
	defer all.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	all.Go(func() {
		for l, err := range a.Farm.Planner(ctx) {
			if err == nil {
				a.Sees(string(l.Value))
				gate.set(string(l.Value))
			}
		}
	})
	return a.Farm.Work(ctx, a.Name, func(ctx context.Context, account int, held cell.Sequencer) error {
		for ctx.Err() == nil {
			factory, err := gate.pass(ctx)
			if err != nil {
				return nil // the account moves
			}
			a.Do(account, held, factory)
		}
		return nil
	})
}

// gate lets an agent's work through while there is a factory.
type gate struct {
	mu      sync.Mutex
	factory string
	changed chan struct{}
}

func (g *gate) set(factory string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.factory = factory
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *gate) pass(ctx context.Context) (string, error) {
	for {
		g.mu.Lock()
		factory, changed := g.factory, g.changed
		g.mu.Unlock()
		if factory != "" {
			return factory, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
