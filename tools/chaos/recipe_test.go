package chaos

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client/recipe"
)

// howMany of each role take part.
var howMany = map[string]int{"elect": 3, "observe": 1, "write": 2, "read": 2, "permit": 4, "barrier": meeting,
	"double": meeting, "put": 1, "take": 2, "member": 2, "update": 2, "name": 2,
	"submit": 2, "assign": 2, "work": 3}

// All recipes at once, while their participants and the master are killed: what each promises is
// checked in the log of what happened.
func TestRecipesWhileParticipantsAndMastersAreKilled(t *testing.T) {
	realProcesses(t)
	p := start(t, shortLives...)
	p.whole()
	c := newCast(t, p)
	groups, stop := context.WithCancel(context.Background())
	defer stop()
	group := watchGroup(groups, t, p)
	for _, kind := range slices.Sorted(maps.Keys(howMany)) {
		for i := range howMany[kind] {
			c.begin(kind + "/" + string(rune('1'+i)))
		}
	}
	for range 2 {
		c.killings(10)
		m := p.master()
		p.kill(m)
		c.killings(5)
		p.serve(m)
		p.whole()
	}
	facts := c.finish()
	for _, what := range []string{"killed", "begin", "pass", "in", "put", "ack", "made", "id", "join", "sees"} {
		t.Logf("%-6s %d", what, count(facts, what))
	}
	for kind, check := range map[string]func(*testing.T, []fact){
		"elect": checkElect, "write": checkSequential, "permit": checkPermits, "barrier": checkBarrier,
		"double": checkDouble, "update": checkUpdates, "name": checkNames, "work": checkTasks,
	} {
		t.Run(kind, func(t *testing.T) { check(t, facts) })
	}
	t.Run("queue", func(t *testing.T) { checkQueue(t, p, facts) })
	t.Run("members", func(t *testing.T) {
		require.NotZero(t, count(of(facts, "member"), "join"))
		require.Eventually(t, func() bool { return len(group.now()) == 0 }, 30*time.Second, 10*time.Millisecond,
			"all are dead, the group is %v", group.now())
		require.NotZero(t, group.changes())
	})
}

// killings kills some participants, one after the other, at moments of no meaning, and lets each live
// again a moment later.
func (c *cast) killings(n int) {
	for range n {
		some := slices.Sorted(maps.Keys(c.alive))
		name := some[rand.IntN(len(some))]
		c.kill(name)
		dwell(context.Background(), 400)
		c.begin(name)
	}
}

func checkElect(t *testing.T, all []fact) {
	token, seen := uint64(0), uint64(0)
	inside(of(all, "elect"), "begin", "end", func(now map[string]fact, f fact) {
		require.Len(t, now, 1, "two lead: %v", now)
		require.Greater(t, f.number(0), token, "tokens grow from leader to leader")
		token = f.number(0)
	})
	for _, f := range of(all, "observe") {
		if f.what == "sees" && f.number(0) != 0 {
			require.GreaterOrEqual(t, f.number(0), seen, "%v is told of a leader after its successor", f.who)
			seen = f.number(0)
		}
	}
	require.NotZero(t, seen)
	require.NotZero(t, count(of(all, "elect"), "begin"))
}

func checkSequential(t *testing.T, all []fact) {
	both := append(of(all, "write"), of(all, "read")...)
	slices.SortStableFunc(both, func(a, b fact) int { return int(a.at - b.at) })
	inside(both, "begin", "end", func(now map[string]fact, f fact) {
		writers := 0
		for who := range now {
			if strings.HasPrefix(who, "write/") {
				writers++
			}
		}
		require.True(t, writers == 0 || len(now) == 1, "a writer is alone: %v", now)
	})
	require.NotZero(t, count(both, "begin"))
}

func checkPermits(t *testing.T, all []fact) {
	inside(of(all, "permit"), "begin", "end", func(now map[string]fact, _ fact) {
		require.LessOrEqual(t, len(now), permits, "%v", now)
	})
	require.NotZero(t, count(of(all, "permit"), "begin"))
}

// Nobody passes a barrier before three have come to it.
func checkBarrier(t *testing.T, all []fact) {
	came := map[string]map[string]bool{}
	passed := 0
	for _, f := range of(all, "barrier") {
		switch f.what {
		case "come":
			if came[f.args[0]] == nil {
				came[f.args[0]] = map[string]bool{}
			}
			came[f.args[0]][f.who] = true
		case "pass":
			passed++
			require.GreaterOrEqual(t, len(came[f.args[0]]), meeting, "%v passes barrier %s", f.who, f.args[0])
		}
	}
	require.NotZero(t, passed)
}

// Nobody is in a round before three have come, nobody is out of it before all who were in have left
// or died.
func checkDouble(t *testing.T, all []fact) {
	came, in := map[string]bool{}, map[string]map[string]bool{}
	rounds := map[string]int{}
	for _, f := range of(all, "double") {
		switch f.what {
		case "come":
			came[f.who] = true
		case "in":
			if rounds[f.args[0]] == 0 {
				require.GreaterOrEqual(t, len(came), meeting, "%v begins round %s", f.who, f.args[0])
				in[f.args[0]] = map[string]bool{}
			}
			rounds[f.args[0]]++
			in[f.args[0]][f.who] = true
		case "leave":
			delete(in[f.args[0]], f.who)
			delete(came, f.who)
		case "out":
			require.Empty(t, in[f.args[0]], "%v is out of round %s", f.who, f.args[0])
		case "killed":
			for _, round := range in {
				delete(round, f.args[0])
			}
		}
	}
	require.NotZero(t, len(rounds))
}

func checkUpdates(t *testing.T, all []fact) {
	made := map[uint64]bool{}
	for _, f := range of(all, "update") {
		if f.what == "made" {
			require.False(t, made[f.number(0)], "two updates made %v", f.args)
			made[f.number(0)] = true
		}
	}
	require.NotZero(t, len(made))
}

func checkNames(t *testing.T, all []fact) {
	given, last := map[uint64]bool{}, map[string]uint64{}
	for _, f := range of(all, "name") {
		if f.what == "id" {
			n := f.number(0)
			require.False(t, given[n], "%v gives %d again", f.who, n)
			require.Greater(t, n, last[f.who])
			given[n], last[f.who] = true, n
		}
	}
	require.NotZero(t, len(given))
}

// A task is in one pair of hands at a time, in none once its submitter has heard of its end, and its
// submitter hears of its end only if it was worked on.
func checkTasks(t *testing.T, all []fact) {
	both := append(of(all, "work"), of(all, "submit")...)
	slices.SortStableFunc(both, func(a, b fact) int { return int(a.at - b.at) })
	hands, worked, finished := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, f := range both {
		switch f.what {
		case "begin":
			require.False(t, finished[f.args[0]], "%v begins %s, which is finished", f.who, f.args[0])
			require.Empty(t, hands[f.args[0]], "%v has %s too", f.who, f.args[0])
			hands[f.args[0]], worked[f.args[0]] = f.who, true
		case "end":
			delete(hands, f.args[0])
		case "finished":
			require.True(t, worked[f.args[0]], "nobody has worked on %s", f.args[0])
			require.Empty(t, hands[f.args[0]], "%s is finished while it is worked on", f.args[0])
			finished[f.args[0]] = true
		case "killed":
			maps.DeleteFunc(hands, func(_, who string) bool { return who == f.args[0] })
		}
	}
	require.NotZero(t, len(finished))
}

// An element is in one pair of hands at a time, in none after its acknowledgement, and none is lost.
func checkQueue(t *testing.T, p *processes, all []fact) {
	hands, done, taken := map[string]string{}, map[string]bool{}, map[string]string{}
	for _, f := range of(all, "take") {
		switch f.what {
		case "begin":
			name := f.args[0]
			require.False(t, done[name], "%s is delivered to %s after its acknowledgement", name, f.who)
			require.Empty(t, hands[name], "%s is delivered to %s too", name, f.who)
			hands[name], taken[name] = f.who, f.who
		case "end":
			delete(hands, f.args[0])
		case "ack":
			done[f.args[0]] = true
		case "killed":
			maps.DeleteFunc(hands, func(_, who string) bool { return who == f.args[0] })
		}
	}
	left := drain(t, p)
	killed := map[string]bool{}
	for _, f := range all {
		if f.what == "killed" {
			killed[f.args[0]] = true
		}
	}
	for _, f := range of(all, "put") {
		if f.what == "put" && !done[f.args[0]] && !left[f.args[0]] {
			who := taken[f.args[0]] // killed between the acknowledgement and its note
			require.True(t, killed[who], "%s is lost; %q had it last", f.args[0], who)
		}
	}
	for name := range left {
		require.False(t, done[name], "%s is there after its acknowledgement", name)
	}
	require.NotZero(t, len(done))
}

// drain takes what is left in the queue, also what the dead had claimed.
func drain(t *testing.T, p *processes) map[string]bool {
	s, err := p.client().NewSession(t.Context())
	require.NoError(t, err)
	q := recipe.NewPriorityQueue(s, under+"queue")
	_, err = q.Put(t.Context(), recipe.MaxPriority, nil)
	require.NoError(t, err)
	left := map[string]bool{}
	for k, err := range q.Take(t.Context()) {
		require.NoError(t, err)
		left[k.Name] = true
		require.NoError(t, k.Ack(t.Context()))
		children, err := s.List(t.Context(), under+"queue")
		require.NoError(t, err)
		if len(children) <= 1 { // the folder of the consumers
			return left
		}
	}
	return left
}
