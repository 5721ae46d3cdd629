package mutant

// Recipes are mutants of client/recipe; the simulator runs its steps.
var Recipes = []Mutant{
	{
		Rule: "C2", Story: "a leader is told of whom the master was not asked about",
		File: "client/recipe/steps/observer.go",
		Is:   "if !o.left && o.Holds(o.claims.Held) {", Wrong: "if !o.left {",
		Red: tests("client/recipe", "TestObserveBelieves"),
	},
	{
		Rule: "C2", Story: "who observes an election does not hear that a leader has gone",
		File: "client/recipe/steps/observer.go", Is: "	case call.EventDeleted:\n		o.claims = Leader{}\n",
		Wrong: "	case call.EventDeleted:\n", Red: seeds(),
	},
	{
		Rule: "C9", Story: "who left a group while its watch began anew is in it for ever",
		File: "client/recipe/steps/members.go", Is: "		r.now, r.synced = nil, false\n",
		Wrong: "		r.synced = false\n", Red: seeds(),
	},
	{
		Rule: "C7", Story: "the first number of a block is the last of another", File: "client/recipe/steps/naming.go",
		Is: "n.next, n.last = last-block, last\n", Wrong: "n.next, n.last = last-block, last+1\n", Red: seeds(),
	},
	{
		Rule: "C1", Story: "an assigner forgets what it gave when its watch begins anew with what was before",
		File: "client/recipe/steps/board.go", Is: "	maps.Copy(b.given, own)\n", Wrong: "", Red: seeds(),
	},
	{
		Rule: "C7", Story: "a task is given to a second worker before the event of the first gift",
		File: "client/recipe/steps/board.go", Is: "{ b.given[m.grant], b.own[m.grant] = m.life, m.life }", Wrong: "{}",
		Red: seeds(),
	},
	{
		Rule: "C1", Story: "a task stays with a worker's former life", File: "client/recipe/steps/board.go",
		Is: "b.alive[g.worker] != life {", Wrong: "b.alive[g.worker] < life {",
		Red: tests("client/recipe/steps", "TestTheBoard"),
	},
	{
		Rule: "C1", Story: "a writer of the sequential lock does not wait for readers",
		File: "client/recipe/steps/inturn.go",
		Is:   "waits := strings.HasPrefix(self, Writer) || ", Wrong: "waits := ", Red: seeds(),
	},
	{
		Rule: "C7", Story: "an update writes whatever has been written since", File: "client/recipe/steps/update.go",
		Is: "p.Write(name, is, generation, cell.Sequencer{})", Wrong: "p.Write(name, is, 0*generation, cell.Sequencer{})",
		Red: seeds(),
	},
	{
		Rule: "C2", Story: "who comes late is in a round that has begun", File: "client/recipe/steps/rounds.go",
		Is: "		case open > mine:\n", Wrong: "		case open > 0*mine:\n", Red: tests("client/recipe", "TestALateComer"),
	},
	{
		Rule: "C9", Story: "a round is over when one has left", File: "client/recipe/steps/rounds.go",
		Is: "there.count(arrived, open) == 0)", Wrong: "there.count(arrived, open) <= 1)", Red: seeds(),
	},
	{
		Rule: "C9", Story: "who gave a barrier up still counts", File: "client/recipe/steps/barrier.go",
		Is: "	_ = last.Remove(node)\n", Wrong: "	_ = last\n", Red: tests("client/recipe", "TestWhoGivesUp"),
	},
	{
		Rule: "C1", Story: "one holder too many in a semaphore", File: "client/recipe/steps/semaphore.go",
		Is: "len(permits.all) < n {", Wrong: "len(permits.all) <= n {", Red: seeds(),
	},
	{
		Rule: "C7", Story: "an element whose claim was refused is worked on all the same",
		File:  "client/recipe/steps/queue.go",
		Is:    "	if errors.Is(err, cell.ErrExists) {\n		return nil, nil\n	}\n",
		Wrong: "	if errors.Is(err, cell.ErrExists) {\n		place, err = stand, nil\n	}\n", Red: seeds(),
	},
	{
		Rule: "C1", Story: "a claim goes with its killed consumer's session", File: "client/recipe/steps/queue.go",
		Is: "TakePlace(p, name+claimSuffix, false, stand.Hold.Sequencer())", Wrong: "func() (*Place, error) {\n" +
			"		node, err := Own(p, name+claimSuffix, nil, false, stand.Hold.Sequencer())\n" +
			"		return &Place{node, stand.Hold}, err\n	}()",
		Red: tests("client/recipe", "TestC1_AClaimIsLocked"),
	},
	{
		Rule: "C2", Story: "an element is acknowledged without the proof that its consumer still holds its place",
		File: "client/recipe/steps/queue.go", Is: "consume(p, k.stand.Hold.Sequencer(), k.Name, k.Name+claimSuffix)",
		Wrong: "ignore(p.Delete(k.Name), p.Delete(k.Name+claimSuffix))", Red: tests("client/recipe", "TestC2_NoElement"),
	},
	{
		Rule: "C1", Story: "shards move that need not", File: "client/recipe/steps/assign.go",
		Is: "d := has[b] - has[a]; d != 0", Wrong: "d := has[a] - has[b]; d != 0",
		Red: tests("client/recipe/steps", "TestAssign"),
	},
}

func init() { Mutants = append(Mutants, Recipes...) }
