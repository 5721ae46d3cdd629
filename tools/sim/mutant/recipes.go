package mutant

// Recipes are mutants of client/recipe; the simulator runs its steps.
var Recipes = []Mutant{
	{
		Rule: "C2", Story: "a leader is told of whom the master was not asked about", File: "client/recipe/observe.go",
		Is: "		err := o.check(ctx, o.claims.Held)\n", Wrong: "		var err error\n",
		Red: tests("client/recipe", "TestObserveBelieves"),
	},
	{
		Rule: "C7", Story: "a task is given to a second worker before the event of the first gift",
		File: "client/recipe/board.go", Is: "{ b.given[m.grant] = m.life }", Wrong: "{}",
		Red: tests("client/recipe", "TestTheBoard"),
	},
	{
		Rule: "C1", Story: "a task stays with a worker's former life", File: "client/recipe/board.go",
		Is: "b.alive[g.worker] != life {", Wrong: "b.alive[g.worker] < life {", Red: tests("client/recipe", "TestTheBoard"),
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
		Wrong: "	if errors.Is(err, cell.ErrExists) {\n		node, err = stand.Node, nil\n	}\n", Red: seeds(),
	},
	{
		Rule: "C2", Story: "an element is acknowledged without the proof that its consumer still holds its place",
		File: "client/recipe/port.go", Is: "	ops := []client.Op{client.OpCheckHeld(held)}\n",
		Wrong: "	ops := []client.Op{}\n	_ = held\n", Red: tests("client/recipe", "TestC2_NoElement"),
	},
	{
		Rule: "C1", Story: "shards move that need not", File: "client/recipe/steps/assign.go",
		Is: "d := has[b] - has[a]; d != 0", Wrong: "d := has[a] - has[b]; d != 0",
		Red: tests("client/recipe/steps", "TestAssign"),
	},
}

func init() { Mutants = append(Mutants, Recipes...) }
