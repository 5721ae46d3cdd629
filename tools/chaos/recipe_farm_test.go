package chaos

import (
	"context"
	"fmt"
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
			if f.who == "agent/5.1" && f.at > dead && f.args[0] != "factory:factory/1.1" {
				lived = append(lived, f.args[0])
			}
		}
	}
	sure := withoutDoubts(lived) // and nobody again, when all are told to end
	require.GreaterOrEqual(t, len(sure), 4, "%v", lived)
	require.Equal(t, []string{nobody, "factory:factory/2.1", nobody, "factory:factory/1.2"}, sure[:4],
		"nobody, the one that stood by, nobody, and the first one in its second life: %v", lived)
}

// nobody is what an agent sees between two factories.
const nobody = "factory:"

// withoutDoubts leaves out what an agent saw twice, and where it saw nobody, for want of a master, and then
// the same factory as before.
func withoutDoubts(seen []string) (sure []string) {
	for _, who := range seen {
		switch n := len(sure); {
		case n > 0 && sure[n-1] == who:
		case n > 1 && sure[n-1] == nobody && sure[n-2] == who:
			sure = sure[:n-1]
		default:
			sure = append(sure, who)
		}
	}
	return sure
}
