package mutant

// Scale are mutants of what keeps thousands of sessions and many nodes bearable.
var Scale = []Mutant{
	{
		Rule: "B1", Story: "half-open connections give way before they could be read", File: "cell/conn/listener.go",
		Is:    "	return moment - time.Since(l.half.Front().Value.(halfOpen).since)",
		Wrong: "	return 0 * time.Since(l.half.Front().Value.(halfOpen).since)",
		Red:   tests("cell/conn", "ACrowdThatSpeaks"),
	},
	{
		Rule: "B3", Story: "each session that lost its master asks every replica at once", File: "client/session/finder.go",
		Is: "	case m.now >= m.everybodyFrom():\n", Wrong: "	case true:\n", Red: tests("client/session", "TestB3"),
	},
	{
		Rule: "C9", Story: "changes fall off the history and nobody is told", File: "replica/tree/history.go",
		Is: "	h.floor = first[h.head].zxid\n", Wrong: "", Red: tests("replica/tree", "TestC9_History"),
	},
	{
		Rule: "Z14", Story: "a view shares what a later edit of a node changes", File: "replica/tree/node.go",
		Is: "		c.extra = &x\n", Wrong: "		c.extra, _ = n.extra, x\n", Red: tests("replica/tree", "."),
	},
}

func init() { Mutants = append(Mutants, Scale...) }
