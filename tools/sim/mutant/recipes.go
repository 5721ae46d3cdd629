package mutant

// Recipes are mutants of client/recipe, which no machine of the simulator runs.
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
		File: "client/recipe/sequentiallock.go",
		Is:   "waits := strings.HasPrefix(self, writer) || ", Wrong: "waits := ",
		Red: tests("client/recipe", "TestASequentialLock"),
	},
	{
		Rule: "C7", Story: "an update writes whatever has been written since", File: "client/recipe/value.go",
		Is: "v.s.Write(ctx, v.name, b, client.IfGeneration(generation))", Wrong: "v.s.Write(ctx, v.name, b)",
		Red: tests("client/recipe", "TestValueLoses"),
	},
	{
		Rule: "C2", Story: "who comes late is in a round that has begun", File: "client/recipe/doublebarrier.go",
		Is: "		case open > mine:\n", Wrong: "		case open > 0:\n", Red: tests("client/recipe", "TestALateComer"),
	},
	{
		Rule: "C1", Story: "one holder too many in a semaphore", File: "client/recipe/semaphore.go",
		Is: "len(permits.all) < m.n {", Wrong: "len(permits.all) <= m.n {", Red: tests("tools/chaos", "TestRecipesWhile"),
	},
	{
		Rule: "C1", Story: "shards move that need not", File: "client/recipe/shard/assign.go",
		Is: "d := has[b] - has[a]; d != 0", Wrong: "d := has[a] - has[b]; d != 0",
		Red: tests("client/recipe/shard", "TestAssign"),
	},
}

func init() { Mutants = append(Mutants, Recipes...) }
