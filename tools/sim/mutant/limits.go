package mutant

// Limits are mutants of what bounds clients: limits, quotas, rates.
var Limits = []Mutant{
	{
		Rule: "B2", Story: "a quota that counts no deletes", File: "replica/tree/node.go",
		Is: "	t.grow(n.name, -1, -len(n.name)-len(n.contents))\n", Wrong: "", Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "B2", Story: "a quota of the nearest name only", File: "replica/tree/quota.go",
		Is: "			t.keepQuota(q)\n		}\n	}\n}", Wrong: "			t.keepQuota(q)\n			return\n		}\n	}\n}",
		Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "B2", Story: "a lowered bound refuses what makes less", File: "replica/tree/quota.go",
		Is: "got > q.Bytes && bytes > 0 {", Wrong: "got > q.Bytes {", Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "B2", Story: "the rehearsal of a transaction counts for good", File: "replica/tree/multi.go",
		Is: "t.locks.Copy(), t.quotas.Copy()", Wrong: "t.locks.Copy(), t.quotas",
		Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "B2", Story: "a session's ephemerals counted without a limit", File: "replica/tree/quota.go",
		Is: "got > t.limits.Ephemerals {", Wrong: "false && got > 0 {", Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "B3", Story: "a principal pays for each session anew", File: "master/pace.go",
		Is: "own.Over(m.at.Now), s.account.Over(m.at.Now)); wait", Wrong: "own.Over(m.at.Now)); wait",
		Red: tests("master", "TestB3"),
	},
	{
		Rule: "B3", Story: "going and coming back pays the debt", File: "master/stream.go",
		Is: "	s.account.streams--\n", Wrong: "	delete(m.accounts.of, payer(s.principal, s.address))\n",
		Red: tests("master", "TestB3"),
	},
	{
		Rule: "B3", Story: "who floods with KeepAlives is read on", File: "master/pace.go",
		Is:    "	if m.spend(s, own, asked, bytes); own.Over(m.at.Now) > 0 {",
		Wrong: "	if m.spend(s, own, asked, bytes); false {", Red: tests("master", "TestB3"),
	},
	{
		Rule: "B3", Story: "a refused session is asked for again at once", File: "client/session/link.go",
		Is: "		l.notYet = m.now.Add(m.retryAfter(err, l.asked)) // it is the master, and says when\n", Wrong: "",
		Red: tests("client/session", "TestB3"),
	},
	{
		Rule: "B3", Story: "a stream may fill a turn of the loop", File: "replica/host/inbox.go",
		Is: "t.drain == drain && t.count >= mostOfStream", Wrong: "false && t.drain == drain",
		Red: tests("replica/host", "TestB3"),
	},
	{
		Rule: "B2", Story: "HTTP connections without a bound", File: "replica/host/guests.go",
		Is: "		if len(g.open) >= g.most { // all are being answered\n			_ = c.Close()\n			return\n		}\n", Wrong: "",
		Red: tests("replica/host", "TestB2"),
	},
	{
		Rule: "B1", Story: "a line of the log for each stream that is hung up", File: "master/stream.go",
		Is: "	if m.at.Now < n.next {", Wrong: "	if false {", Red: tests("master", "TestB1_Nonsense"),
	},
	{
		Rule: "B1", Story: "a stranger's frames may be as large as any", File: "cell/conn/stream.go",
		Is: "bytes > 0 && !s.trusted.Load()", Wrong: "false", Red: tests("cell/conn", "TestB1_AStranger"),
	},
	{
		Rule: "B1", Story: "who says Hello is no stranger any more", File: "replica/host/clients.go",
		Is: "case *call.Created, *call.Attached:", Wrong: "default:", Red: tests("replica/host", "TestB1_WhoHasNoSession"),
	},
	{
		Rule: "B1", Story: "begun frames without a bound", File: "cell/conn/shared.go",
		Is: "x.arriving+bytes <= x.most", Wrong: "true", Red: tests("cell/conn", "TestB1_FramesThatDoNotEnd"),
	},
	{
		Rule: "B2", Story: "each outbox is bounded, and all of them are not", File: "cell/conn/shared.go",
		Is: "x == nil || o.Outboxes == 0", Wrong: "true", Red: tests("cell/conn", "TestB2_Outboxes"),
	},
	{
		Rule: "B1", Story: "what waits of clients is counted, not weighed", File: "replica/host/inbox.go",
		Is: "b.bytes > 0 && b.bytes+bytes > mostBytes", Wrong: "false", Red: tests("replica/host", "TestB1_TheInbox"),
	},
	{
		Rule: "B1", Story: "entries of an older epoch are logged", File: "replica/zab/receive.go",
		Is: `	if m.Epoch != f.accepted || f.base != baseLog || f.offer != 0 {
		c.drop(p, "entries out of place")
		return
	}
	if m.Prev != c.log.last {
		c.drop(p, fmt.Sprintf("entries behind %v, where this history ends at %v", m.Prev, c.log.last))
		return
	}
`, Wrong: "", Red: tests("replica/zab", "TestB1_FramesOfAn"),
	},
	{
		Rule: "B1", Story: "an old hello, said again, stands", File: "replica/zab/hello.go",
		Is: "	if !m.follows(p.link.hello) {", Wrong: "	if false {", Red: tests("replica/zab", "TestB1_FramesOfAn"),
	},
	{
		Rule: "B3", Story: "reads at a replica without a rate", File: "replica/reads.go",
		Is: "	if wait == 0 {", Wrong: "	if true {", Red: tests("replica", "TestB3_AReplica"),
	},
	{
		Rule: "B1", Story: "a read denied at a replica stands in no audit", File: "replica/reads.go",
		Is: "	if errors.Is(err, cell.ErrDenied) {", Wrong: "	if errors.Is(err, cell.ErrDenied) && false {",
		Red: tests("replica", "TestB1_AReplica"),
	},
	{
		Rule: "B1", Story: "pings without a bound", File: "cell/conn/watch.go",
		Is: "	case !w.pings.take(now, pingsPerSecond, pingBurst):", Wrong: "	case false:",
		Red: tests("cell/conn", "TestB1_WhatNoHonestSideSends"),
	},
}

func init() { Mutants = append(Mutants, Limits...) }
