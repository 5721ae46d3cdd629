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
		Rule: "C9", Story: "an empty stretch stands before another", File: "replica/tree/history.go",
		Is: "if n > 0 && len(h.stretches[n-1]) == 0 {", Wrong: "if false {",
		Red: tests("replica/tree", "TestC9_AHistoryThatKeepsNothing"),
	},
	{
		Rule: "C9", Story: "changes fall off the history and nobody is told", File: "replica/tree/history.go",
		Is: "	h.floor = first[h.head].zxid\n", Wrong: "", Red: tests("replica/tree", "TestC9_History"),
	},
	{
		Rule: "Z14", Story: "a view shares what a later edit of a node changes", File: "replica/tree/node.go",
		Is: "		n.extra = &x\n", Wrong: "		_ = x\n", Red: tests("replica/tree", "."),
	},
	{
		Rule: "Z14", Story: "a view shares leaves that are edited in place", File: "replica/tree/packed/map.go",
		Is: "	m.owner = new(owner)\n", Wrong: "", Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "Z14", Story: "a view shares the leaf that nodes are taken out of", File: "replica/tree/packed/map.go",
		Is: "	if l.owner != m.owner {\n", Wrong: "	if false {\n", Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "Z14", Story: "the full leaf of a view gives its memory to the next", File: "replica/tree/packed/map.go",
		Is: "		if l.owner == m.owner {\n", Wrong: "		if true {\n", Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "C6", Story: "contents that were read change with the tree", File: "replica/tree/packnode.go",
		Is: "	return append([]byte(nil), n.contents...)\n", Wrong: "	return n.contents\n",
		Red: tests("replica/tree", "TestC6_"),
	},
	{
		Rule: "B3", Story: "what grows the tree is proposed on full disks", File: "master/round.go",
		Is: "	if refusal == nil && m.at.Full && m.grows(w.txn.Op) {", Wrong: "	if refusal == nil && m.at.Full && false {",
		Red: tests("replica", "B3"),
	},
	{
		Rule: "B3", Story: "nothing is taken on full disks, deletes neither", File: "master/round.go",
		Is: "	if refusal == nil && m.at.Full && m.grows(w.txn.Op) {", Wrong: "	if refusal == nil && m.at.Full {",
		Red: tests("master", "Scripts"),
	},
	{
		Rule: "B2", Story: "a page of locks forgets how much of a long queue was told", File: "replica/tree/lockreads.go",
		Is: "			told, more = upto, true\n", Wrong: "			told, more = 0, true\n", Red: tests("master", "B2"),
	},
	{
		Rule: "C5", Story: "a fail-over is over before those who cached have attached", File: "master/failover.go",
		Is: "	case m.dir.Awaited() > 0:", Wrong: "	case m.dir.Awaited() > 1:", Red: tests("master", "Scripts"),
	},
}

func init() { Mutants = append(Mutants, Scale...) }
