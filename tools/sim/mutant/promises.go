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
	{
		Rule: "C6", Story: "a revalidation that trusts without registering", File: "master/revalidate.go",
		Is: "_, registered := m.cachable(l, true, c.Name, on)", Wrong: "registered := l.ID != 0", Red: seeds(),
	},
	{
		Rule: "C6", Story: "a revalidation that does not compare", File: "master/revalidate.go",
		Is: "	case c.Node && (stat.Zxid", Wrong: "	case false && (stat.Zxid", Red: seeds(),
	},
	{
		Rule: "C6", Story: "what was set aside is served", File: "cache/cache.go",
		Is: "if !ok || e.life != c.life || c.until == 0 {", Wrong: "if !ok || c.until == 0 {",
		Red: tests("cache", "C6"),
	},
	{
		Rule: "C6", Story: "an entry invalidated while it was being revalidated comes back", File: "cache/revalidate.go",
		Is:    "answer.Kept[i] && c.takes(claims.ticket, answer.Incarnation, claims.All[i].Name))",
		Wrong: "answer.Kept[i])", Red: tests("cache", "C6"),
	},
	{
		Rule: "C4", Story: "a cache that is used in jeopardy", File: "client/session/ending.go",
		Is: "	m.onCache(CacheOp{Kind: CacheSetAside})\n", Wrong: "", Red: tests("client/session", "C4"),
	},
	{
		Rule: "B1", Story: "a handle taken without its check digits", File: "master/handle.go",
		Is: "h.Digits[:]) == 1", Wrong: "h.Digits[:]) <= 1", Red: tests("master", "TestB1"),
	},
	{
		Rule: "B1", Story: "check digits that leave the session out", File: "master/handle.go",
		Is: "fixed[0:], uint64(id))", Wrong: "fixed[0:], 0*uint64(id))", Red: tests("master", "TestB1"),
	},
	{
		Rule: "B1", Story: "a handle good for more than it was opened for", File: "master/handle.go",
		Is: "|| h.Mode&needs != needs {", Wrong: "|| h.Mode&needs != needs && false {", Red: tests("master", "TestB1"),
	},
	{
		Rule: "C2", Story: "SetSequencer ignored", File: "client/handle.go",
		Is: "held: h.held, life: h.life}, nil", Wrong: "life: h.life}, nil", Red: tests("client", "TestC2_Set"),
	},
	{
		Rule: "C2", Story: "an acquire that asks for no proof", File: "replica/tree/acquire.go",
		Is: "t.proved(o.IfHeld)", Wrong: "t.proved(nil)", Red: tests("master", "TestC2_AHandle"),
	},
	{
		Rule: "C2", Story: "a read that asks for no proof", File: "master/query.go",
		Is: "m.stands(q.IfHeld)", Wrong: "m.stands(nil)", Red: tests("master", "TestC2_AHandle"),
	},
	{
		Rule: "C9", Story: "an answer that overtakes the events of a watch", File: "master/query.go",
		Is: "	if !m.askedBehind(l, q) {", Wrong: "	if true {", Red: tests("master", "C9"),
	},
	{
		Rule: "C9", Story: "a call's answer that overtakes the events of a watch", File: "master/write.go",
		Is: "	if !m.repliedBehind(l, answer) {", Wrong: "	if true {", Red: tests("master", "C9|C7"),
	},
	{
		Rule: "C9", Story: "a call answered on a stream on which it was not sent", File: "master/write.go",
		Is: "|| !l.Calls.Owed(number) {", Wrong: "{", Red: seeds(),
	},
	{
		Rule: "C9", Story: "calls before the watches on a new stream", File: "client/session/asks.go",
		Is: "|| m.state == Jeopardy && q.watch == nil {", Wrong: "|| m.state == Jeopardy {", Red: seeds(),
	},
	{
		Rule: "C5", Story: "every cacher logged as caching nothing before a hand-over", File: "master/leave.go",
		Is: " || !m.dir.Empty(m.at.Now, id) {", Wrong: " {", Red: tests("master", "Scripts/chubby_2_9_planned"),
	},
	{
		Rule: "C5", Story: "something to cache for who is logged as caching nothing", File: "master/leave.go",
		Is: "			l.Caching = false", Wrong: "", Red: tests("master", "Scripts/chubby_2_9_planned"),
	},
	{
		Rule: "Z14", Story: "rotten contents fill a cache", File: "cache/fill.go",
		Is: "hasContents && !stat.Holds(contents) || ", Wrong: "", Red: tests("cache", "TestZ14"),
	},
	{
		Rule: "Z14", Story: "rotten contents are handed on", File: "client/read.go",
		Is: "	case contents && !r.Node.Stat.Holds(r.Node.Contents):", Wrong: "	case false:",
		Red: tests("client", "TestZ14"),
	},
	{
		Rule: "Z14", Story: "what is rotten is confirmed by its generation", File: "master/revalidate.go",
		Is: "(stat.Zxid != c.Zxid || stat.Checksum != c.Checksum)", Wrong: "stat.Zxid != c.Zxid",
		Red: tests("master", "TestZ14"),
	},
	{
		Rule: "B2", Story: "the pieces of a lock told as several locks", File: "client/sessionless.go",
		Is: "all[last].Name == string(l.Name) {", Wrong: "false {", Red: tests("client", "TestB2_Locks"),
	},
}

func init() { Mutants = append(Mutants, Promises...) }
