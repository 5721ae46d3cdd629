package chaos

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe/shard"
)

// Two task factories and their agents. The active factory divides up the accounts among the agents
// and announces its address; the other stands by. An agent works off tasks of its accounts, one after
// the other, for the factory that it sees; without one it pauses.

const (
	accounts = 12
	agents   = 5
)

func farmOf(p *participant) shard.Shards {
	return shard.Shards{Client: p.c, Name: under + "farm", Count: accounts}
}

func factoryRole(ctx context.Context, p *participant) error { return farmOf(p).Plan(ctx, []byte(p.id)) }

func agentRole(ctx context.Context, p *participant) error {
	gate := &factoryGate{changed: make(chan struct{})}
	var all sync.WaitGroup
	defer all.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	all.Go(func() {
		for l, err := range farmOf(p).Planner(ctx) {
			if err == nil {
				p.note("sees", "factory:"+string(l.Value))
				gate.set(string(l.Value))
			}
		}
	})
	return farmOf(p).Work(ctx, p.name(), func(ctx context.Context, account int, held cell.Sequencer) error {
		for ctx.Err() == nil {
			factory, err := gate.pass(ctx)
			if err != nil {
				return nil // the account moves
			}
			p.note("begin", account, held.Token(), factory)
			dwell(context.Background(), 20) // a task is finished, also when the account moves meanwhile
			p.note("end", account)
		}
		return nil
	})
}

// factoryGate lets an agent's work through while there is a factory.
type factoryGate struct {
	mu      sync.Mutex
	factory string
	changed chan struct{}
}

func (g *factoryGate) set(factory string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.factory = factory
	close(g.changed)
	g.changed = make(chan struct{})
}

func (g *factoryGate) pass(ctx context.Context) (string, error) {
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

// allWorked waits until every account has been worked on since from, for a factory, by agents that
// live; and gives the time.
func (c *cast) allWorked(from int64, factory string) int64 {
	c.t.Helper()
	var seen map[string]bool
	require.Eventually(c.t, func() bool {
		seen = map[string]bool{}
		for _, f := range of(c.facts(), "agent") {
			if f.what == "begin" && f.at > from && f.args[2] == factory {
				seen[f.args[0]] = true
			}
		}
		return len(seen) == accounts
	}, time.Minute, 50*time.Millisecond, "all accounts for %s, are %v", factory, seen)
	return int64(c.own.clock.Now())
}

func TestTwoTaskFactoriesAndTheirAgents(t *testing.T) {
	realProcesses(t)
	p := start(t, shortLives...)
	p.whole()
	c := newCast(t, p)
	for i := 1; i <= agents; i++ {
		c.begin(fmt.Sprint("agent/", i))
	}
	c.begin("factory/1")
	now := c.allWorked(0, "factory/1.1")
	c.begin("factory/2") // stands by

	c.kill("agent/1") // its accounts go to the living
	now = c.allWorked(now, "factory/1.1")
	dead := int64(c.own.clock.Now())
	c.kill("factory/1") // the other takes over, and writes its own address
	now = c.allWorked(now, "factory/2.1")
	c.begin("factory/1") // back, and stands by
	c.begin("agent/1")
	m := p.master()
	p.kill(m)
	now = c.allWorked(now, "factory/2.1")
	p.serve(m)
	c.kill("agent/2")
	c.kill("agent/3")
	c.allWorked(now, "factory/2.1")
	c.kill("factory/2")
	c.allWorked(int64(c.own.clock.Now()), "factory/1.2")
	checkFarm(t, c.finish(), dead)
}

// checkFarm: no account in two pairs of hands, tokens that grow with each change of hands, and every
// agent that lived through it has seen nobody, and then the new factory.
func checkFarm(t *testing.T, all []fact, dead int64) {
	hands, tokens := map[string]string{}, map[string]uint64{}
	var lived []fact
	for _, f := range of(all, "agent") {
		switch f.what {
		case "begin":
			require.Empty(t, hands[f.args[0]], "account %s is in the hands of %s too", f.args[0], f.who)
			require.GreaterOrEqual(t, f.number(1), tokens[f.args[0]], "account %s", f.args[0])
			hands[f.args[0]], tokens[f.args[0]] = f.who, f.number(1)
		case "end":
			delete(hands, f.args[0])
		case "killed":
			for account, who := range hands {
				if who == f.args[0] {
					delete(hands, account)
				}
			}
		case "sees":
			if f.who == "agent/5.1" && f.at > dead {
				lived = append(lived, f)
			}
		}
	}
	require.GreaterOrEqual(t, len(lived), 4, "%v", lived)
	require.Equal(t, "factory:", lived[0].args[0], "the factory is dead: nobody")
	require.Equal(t, "factory:factory/2.1", lived[1].args[0], "the one that stood by")
	require.Equal(t, "factory:factory/1.2", lived[3].args[0], "the first one, in its second life")
}
