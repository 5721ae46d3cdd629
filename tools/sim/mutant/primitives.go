package mutant

// Primitives are mutants of transactions and of what goes by itself.
var Primitives = []Mutant{
	{
		Rule: "C11", Story: "a transaction that keeps its first half", File: "replica/tree/multi.go",
		Is: "			return decision{}, &call.PartError{Part: i + 1, Err: err}\n",
		Wrong: "			if i > 0 {\n				o.Parts = o.Parts[:i]\n				break\n			}\n" +
			"			return decision{}, &call.PartError{Part: i + 1, Err: err}\n", Red: seeds(),
	},
	{
		Rule: "C11", Story: "a transaction that carries the names of its first part only", File: "replica/tree/multi.go",
		Is: "		d.names = append(d.names, one.names...)", Wrong: "		if i == 0 {\n			d.names = one.names\n		}",
		Red: seeds(),
	},
	{
		Rule: "C7", Story: "unacknowledged answers are counted, not weighed", File: "replica/tree/apply.go",
		Is: "	if unacked > 1 && bytes > call.MaxRecordBytes {", Wrong: "	if unacked > limits.Unacked {",
		Red: tests("replica/tree", "TestC7_RecordsAre"),
	},
	{
		Rule: "B1", Story: "a node has its parent's ACLs, whatever its maker names", File: "replica/tree/files.go",
		Is: "	if m.acl != (cell.ACL{}) {\n", Wrong: "	if false {\n", Red: tests("replica/tree", "TestB1_WhoMayDoWhat"),
	},
	{
		Rule: "C7", Story: "an acquire that nobody waits for is made anew", File: "client/session/calls.go",
		Is: "!x.abandoned && (x.hold == nil || !x.hold.cancelled)", Wrong: "!x.abandoned",
		Red: tests("client/session", "TestC7_AConflict"),
	},
	{
		Rule: "C7", Story: "what met a conflict is not made anew", File: "client/session/calls.go",
		Is: "	m.calls.insert(x)\n}\n\n// insert", Wrong: "	m.failCall(x, cell.ErrConflict)\n}\n\n// insert",
		Red: tests("client/session", "TestC7_AConflict"),
	},
	{
		Rule: "C7", Story: "a client sends more than the cell may record", File: "client/session/calls.go",
		Is: "c.bytes+call.RecordBytes(op) <= call.MaxRecordBytes)", Wrong: "true)",
		Red: tests("client/session", "TestC7_WhateverBreaks"),
	},
	{
		Rule: "C1", Story: "a transaction that deletes leaves the session's own holds of the node",
		File: "client/session/delete.go", Is: "		for _, p := range o.Parts {\n",
		Wrong: "		for _, p := range o.Parts[:0] {\n",
		Red:   tests("client/session", "TestC1_OwnDeleteEndsTheHoldFirst"),
	},
	{
		Rule: "C11", Story: "a new master takes every time-to-live for run out", File: "master/perish.go",
		Is: "			p.consider(m.at.Now, m.tree, n, true)\n", Wrong: "			p.outlive(n, p.age.now)\n",
		Red: seeds(),
	},
	{
		Rule: "C11", Story: "each master begins every time-to-live anew", File: "master/perish.go",
		Is: "min(is.Aged, p.age.now)", Wrong: "p.age.now",
		Red: tests("master", "TestC11_ATimeToLiveIsNotBegunAnew"),
	},
	{
		Rule: "C11", Story: "a change is as old as what has passed for certain", File: "replica/tree/node.go",
		Is: "x.aged = t.age.Upto", Wrong: "x.aged = t.age.Passed",
		Red: tests("master", "TestC11_ATimeToLiveEndsLate"),
	},
	{
		Rule: "C11", Story: "the cell's age passes what is logged as its most", File: "master/age.go",
		Is: "		a.now = min(a.now+now.Sub(a.at), a.most)", Wrong: "		a.now += now.Sub(a.at)",
		Red: tests("master", "TestC11_TheAge"),
	},
	{
		Rule: "C11", Story: "a container goes before it had a child", File: "replica/tree/perish.go",
		Is: " && x.children == 0 && x.childrenGeneration > 0", Wrong: " && x.children == 0", Red: seeds(),
	},
	{
		Rule: "C11", Story: "a container stays after its last child", File: "master/perish.go",
		Is: "	case c.Stat.Container || renews(c.Kind):", Wrong: "	case renews(c.Kind):", Red: seeds(),
	},
	{
		Rule: "C11", Story: "a time-to-live ends a node that was written meanwhile", File: "replica/tree/perish.go",
		Is: "!ok || is.Perished != p || !is.Ready", Wrong: "!ok || !is.Ready",
		Red: tests("replica/tree", "TestC11_ContainersAndTimeToLive"),
	},
	{
		Rule: "L7", Story: "a time-to-live runs on while nobody can write", File: "master/age.go",
		Is: "{ a.at = a.at.Add(d) }", Wrong: "{ a.at = a.at.Add(0 * d) }", Red: tests("master", "TestL7_NoTimeToLive"),
	},
	{
		Rule: "C6", Story: "a replica answers with less than was seen", File: "replica/reads.go",
		Is: "	case r.tree.Mark().Zxid >= q.Seen:", Wrong: "	case true:", Red: seeds(),
	},
	{
		Rule: "Z6", Story: "a replica that is not synchronized answers reads", File: "replica/reads.go",
		Is: "	case !r.serves():\n		r.turn", Wrong: "	case false:\n		r.turn",
		Red: tests("replica", "TestZ6_AnUnsynchronized"),
	},
}

func init() { Mutants = append(Mutants, Primitives...) }
