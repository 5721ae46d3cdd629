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
		Rule: "C9", Story: "a stretch begins where the last one ended", File: "replica/tree/history.go",
		Is: "		h.head, h.stretches[0] = 0, nil\n", Wrong: "		h.stretches[0] = nil\n", Red: tests("replica/tree", "TestC9_"),
	},
	{
		Rule: "C9", Story: "large contents stay when their change has fallen off", File: "replica/tree/stretch.go",
		Is: "		*x = pastApart{}\n", Wrong: "		_ = x\n", Red: tests("replica/tree", "TestC9_"),
	},
	{
		Rule: "C9", Story: "changes fall off the history and nobody is told", File: "replica/tree/history.go",
		Is: "	h.floor = first.past(h.head).zxid()\n", Wrong: "", Red: tests("replica/tree", "TestC9_History"),
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
		Is: "	if l.owner != m.owner {\n		l = m.crop(", Wrong: "	if false {\n		l = m.crop(",
		Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "Z14", Story: "the leaf of a view gives its memory to another", File: "replica/tree/packed/map.go",
		Is: "	if l.owner != m.owner {\n		return m.keep(", Wrong: "	if false {\n		return m.keep(",
		Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "Z14", Story: "the last leaf of a view gives its memory to another", File: "replica/tree/packed/map.go",
		Is: "	if l.owner == m.owner {\n", Wrong: "	if true {\n", Red: tests("replica/tree/packed", "."),
	},
	{
		Rule: "Z14", Story: "a leaf is taken apart for the value that lies in it", File: "replica/tree/packed/map.go",
		Is: "	value = m.value\n", Wrong: "", Red: tests("replica/tree/packed", "TestAValue"),
	},
	{
		Rule: "B2", Story: "old leaves stay alive behind the ends of nodes", File: "replica/tree/packed/map.go",
		Is: "	m.spare.give(l.data)\n	l.become(by)\n	m.near = nil\n	return l\n", Wrong: "	return m.keep(by)\n",
		Red: tests("replica/tree/packed", "TestMemoryIsTakenAgain"),
	},
	{
		Rule: "B2", Story: "memory of small leaves lies among that of others", File: "replica/tree/packed/map.go",
		Is: "		m.spare.give(small)\n", Wrong: "", Red: tests("replica/tree/packed", "TestMemoryIsTakenAgain"),
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
