package mutant

// Promises are mutants of what Chubby promises to clients: caching, handles, events, sequencers.
var Promises = []Mutant{
	{
		Rule: "C2", Story: "a fence that admits an older exclusive token", File: "client/fence/guard.go",
		Is: "		return q.Token() < m.Any\n", Wrong: "		return q.Token() < m.Any && false\n", Red: tests("client/fence", "C2"),
	},
	{
		Rule: "C2", Story: "a fence where shared holders overtake each other", File: "client/fence/guard.go",
		Is: "	return q.Token() < m.Exclusive\n", Wrong: "	return q.Token() < m.Any\n", Red: tests("client/fence", "C2"),
	},
	{
		Rule: "B2", Story: "a fence that forgets whom it has seen", File: "client/fence/guard.go",
		Is:    "		g.floor.Any = max(g.floor.Any, gone.mark.Any)\n",
		Wrong: "", Red: tests("client/fence", "B2|C2"),
	},
}

func init() { Mutants = append(Mutants, Promises...) }
