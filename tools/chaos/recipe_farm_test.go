package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe/shard"
	"github.com/leasehold/leasehold/tools/factories/agent"
)

// Two task factories and their agents, as tools/factories tells of them.

const (
	accounts = 12
	agents   = 5
)

func farmOf(p *participant) shard.Shards {
	return agent.Farm(p.c, under+"farm", accounts)
}

func factoryRole(ctx context.Context, p *participant) error {
	return agent.Factory(ctx, farmOf(p), p.id)
}

func agentRole(ctx context.Context, p *participant) error {
	return agent.Agent{Farm: farmOf(p), Name: p.name(),
		Sees: func(factory string) { p.note("sees", "factory:"+factory) },
		Do: func(account int, held cell.Sequencer, factory string) {
			p.note("begin", account, held.Token(), factory)
			dwell(context.Background(), 20)
			p.note("end", account)
		}}.Run(ctx)
}

// allWorked waits until every account has been worked on since from, by agents that live, for one factory
// that lives; and gives that factory. Which one it is the story does not say: on a machine that is busy
// enough the lease of the active one may run out, and the other goes on.
func (c *cast) allWorked(from int64) (factory string) {
	c.t.Helper()
	seen := map[string]map[string]bool{}
	require.Eventually(c.t, func() bool {
		clear(seen)
		for _, f := range of(c.facts(), "agent") {
			if f.what == "begin" && f.at > from && c.inLife(f.args[2]) {
				if seen[f.args[2]] == nil {
					seen[f.args[2]] = map[string]bool{}
				}
				seen[f.args[2]][f.args[0]] = true
			}
		}
		for _, who := range slices.Sorted(maps.Keys(seen)) {
			if len(seen[who]) == accounts {
				factory = who
			}
		}
		return factory != ""
	}, 2*time.Minute, 50*time.Millisecond, "all accounts for one factory, are %v", seen)
	return factory
}

// inLife reports whether a participant is alive, in that life.
func (c *cast) inLife(id string) bool {
	name, _, _ := strings.Cut(id, ".")
	return c.alive[name] != nil && id == fmt.Sprintf("%s.%d", name, c.lives[name])
}

func (c *cast) now() int64 { return int64(c.own.clock.Now()) }

// dies kills a factory, and waits until the one that stood by has taken over and announced itself.
func (c *cast) dies(factory string) (name, next string) {
	name, _, _ = strings.Cut(factory, ".")
	c.kill(name)
	return name, c.allWorked(c.now())
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
	c.allWorked(0)
	c.begin("factory/2") // stands by

	c.kill("agent/1") // its accounts go to the living
	active := c.allWorked(c.now())
	dead := c.now()
	first, second := c.dies(active)
	c.begin(first) // back, and stands by
	c.begin("agent/1")
	m := p.master()
	p.kill(m)
	c.allWorked(c.now())
	p.serve(m)
	p.whole()
	c.kill("agent/2")
	c.kill("agent/3")
	_, third := c.dies(c.allWorked(c.now()))
	checkFarm(t, c.finish(), dead, second, third)
}

// checkFarm: no account in two pairs of hands, tokens that grow with each change of hands, and the agent
// that lived through it has seen nobody, and then the new factory, each time that one died.
func checkFarm(t *testing.T, all []fact, dead int64, factories ...string) {
	hands, tokens := map[string]string{}, map[string]uint64{}
	var lived []string
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
			if f.who == "agent/5.1" {
				lived = append(lived, f.args[0])
			}
			if f.who == "agent/5.1" && f.at > dead && len(factories) > 0 && f.args[0] == "factory:"+factories[0] {
				require.Equal(t, nobody, lived[len(lived)-2], "nobody between two factories: %v", lived)
				factories = factories[1:]
			}
		}
	}
	require.Empty(t, factories, "these took over, and an agent that lived saw only %v", lived)
	for i, who := range lived[1:] {
		require.True(t, who == nobody || lived[i] == nobody || lived[i] == who, "from factory to factory: %v", lived)
	}
}

// nobody is what an agent sees between two factories.
const nobody = "factory:"
