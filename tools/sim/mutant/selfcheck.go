package mutant

// Self-checking and the cell's format: wrong versions of Z14 and Z16, and of how a death is remembered.
var selfcheckMutants = []Mutant{
	{
		Rule: "Z14", Story: "the master's own digest is right", File: "replica/judge.go",
		Is: "	if reported(p.digest) {", Wrong: "	if true {", Red: tests("replica", "TestZ14_AFlippedBitInTheMaster"),
	},
	{
		Rule: "Z14", Story: "who is in quarantine is counted", File: "replica/zab/lists.go",
		Is: "	if p.quarantined || p.differs {", Wrong: "	if false {",
		More: []Place{{"replica/zab/promise.go", " && !c.hard.Quarantined &&\n", " &&\n"}},
		Red:  tests("replica", "TestZ14_WhoDiffersCountsInNothing"),
	},
	{
		Rule: "Z14", Story: "a log goes without agreement", File: "replica/snapshot.go",
		Is: "g.oldest.Index <= r.check.agreed && !r.check.disputed && !r.suspect()", Wrong: "!r.suspect()",
		Red: tests("replica", "TestZ14_WithoutAgreement"),
	},
	{
		Rule: "Z14", Story: "a start ends a quarantine", File: "replica/zab/quarantine.go",
		Is:    "	c.hard.Quarantined, c.reports = true, c.reports[:0]\n	c.save()\n",
		Wrong: "	c.hard.Quarantined, c.reports = true, c.reports[:0]\n",
		Red:   tests("replica", "TestZ14_AFlippedBitInAFollower"),
	},
	{
		Rule: "Z14", Story: "what was put into a node is hashed, not what is there", File: "replica/tree/reread.go",
		Is: "		r.take(n.found())", Wrong: "		r.take(n.hash())", Red: tests("replica/tree", "TestZ14_ABitThatRots"),
	},
	{
		Rule: "Z14", Story: "sessions are not read anew", File: "replica/tree/reread.go",
		Is: "		r.take(x.hash())", Wrong: "		r.take(x.sum)", Red: tests("replica/tree", "TestZ14_ABitThatRots"),
	},
	{
		Rule: "Z14", Story: "a stretch begins where the last one began", File: "replica/tree/reread.go",
		Is: "	r.next = at\n	return true", Wrong: "	r.next = Place{Part: at.Part}\n	return true",
		Red: tests("replica/tree", "TestZ14_L8_Stretches"),
	},
	{
		Rule: "Z14", Story: "a snapshot of what has rotted", File: "replica/tree/snapshot.go",
		Is: "s.err == nil && s.sum != v.sum", Wrong: "false", Red: tests("replica/tree", "TestZ14_ABitThatRots"),
	},
	{
		Rule: "Z14", Story: "an announced digest is not compared", File: "replica/selfcheck.go",
		Is: "	case p.digest == m.Digest:", Wrong: "	case true:", Red: tests("replica", "TestZ14_AFlippedBitInAFollower"),
	},
	{
		Rule: "Z16", Story: "the format rises before all know it", File: "replica/zab/quarantine.go",
		Is: "		lowest = min(lowest, p.link.hello.Format)\n", Wrong: "", Red: tests("replica", "TestZ16_TheFormatRises"),
	},
	{
		Rule: "Z16", Story: "one who is away is taken for able", File: "replica/zab/quarantine.go",
		Is: "			return 0\n", Wrong: "			continue\n", Red: tests("replica", "TestZ16_TheFormatRises"),
	},
	{
		Rule: "Z16", Story: "an older replica goes on past the rise", File: "replica/tree/format.go",
		Is: "	if format > t.highest {", Wrong: "	if false {", Red: tests("replica/tree", "TestZ16_AnOlder"),
	},
	{
		Rule: "Z16", Story: "a cell is born in the format of its first master", File: "replica/mastership.go",
		Is: "max(r.core.Formats(), cell.OldestFormat)", Wrong: "max(r.config.Core.Format, cell.OldestFormat)",
		Red: tests("replica", "TestZ16_ACellIsBorn"),
	},
	{
		Rule: "B5", Story: "a death is forgotten", File: "replica/replica.go",
		Is: "		eff.Died = Death{At: rec.Zxid, Why: broken}\n", Wrong: "", Red: tests("replica", "TestB5_ADeath"),
	},
	{
		Rule: "B5", Story: "what the gate decoded is taken for other bytes", File: "replica/proposed.go",
		Is:    "len(*p) == 0 || !bytes.Equal((*p)[0].payload, payload)",
		Wrong: "len(*p) == 0 || bytes.Equal((*p)[0].payload, nil)",
		Red:   tests("replica", "TestB5_WhatTheGate"),
	},
	{
		Rule: "Z14", Story: "a quarantine ends without what was acked before it", File: "replica/zab/quarantine.go",
		Is: " || c.delivered.Index < acked {", Wrong: " || c.delivered.Index < acked && false {",
		Red: tests("replica/zab", "TestZ14_AQuarantineEnds"),
	},
	{
		Rule: "Z2", Story: "the end of a log that a snapshot replaces is told on", File: "replica/zab/receive.go",
		Is: "known && in.Mark.Index < c.log.last.Index {", Wrong: "known && in.Mark.Index < 0 {",
		Red: tests("replica/zab", "TestZ2_WhatASnapshot"),
	},
}

func init() { Mutants = append(Mutants, selfcheckMutants...) }
