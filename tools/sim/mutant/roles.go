package mutant

// Roles and their ends: wrong versions of the rules of replication and leases that no other list has.
var roleMutants = []Mutant{
	{
		Rule: "Z2", Story: "a replica reports the end of what it has in memory", File: "replica/zab/hello.go",
		Is:    "		Begun: c.saved.Begun, Last: c.log.durable, Current:",
		Wrong: "		Begun: c.saved.Begun, Last: c.log.last, Current:", Red: tests("replica/zab", "TestSim_|TestScripts|TestZ2"),
	},
	{
		Rule: "Z3", Story: "a leader does not give way to a voter ahead of it", File: "replica/zab/leading.go",
		Is:    "		if in != nil && c.hasVote(p) && ahead(",
		Wrong: "		if in != nil && false && ahead(", Red: tests("replica/zab", "TestScripts|TestZ3"),
	},
	{
		Rule: "Z10", Story: "the old role's writes are not waited for", File: "replica/zab/looking.go",
		Is:    "	if !c.disk.idle() {\n		return\n	}\n	cell.Assert(c.log.durable == c.log.last, \"drained",
		Wrong: "	cell.Assert(true || c.log.durable == c.log.last, \"drained", Red: tests("replica/zab", "TestZ10"),
	},
	{
		Rule: "Z13", Story: "a follower with a later epoch is left outside", File: "replica/zab/leading.go",
		Is: "	c.rollIfNeeded()\n", Wrong: "", Red: tests("replica/zab", "TestZ13"),
	},
	{
		Rule: "Z9", Story: "a log goes on after an error", File: "replica/wal/log.go",
		Is:    "		l.failed = fmt.Errorf(\"log in %s: %w\", l.dir, err)",
		Wrong: "		return fmt.Errorf(\"log in %s: %w\", l.dir, err)",
		Red:   tests("replica/wal", "TestZ9"),
	},
	{
		Rule: "L8", Story: "all who die together end in one transaction", File: "master/ending.go",
		Is:    "	for holds := 0; len(ids) < expiryBatch && holds < expiryHolds; {",
		Wrong: "	for holds := 0; holds < expiryHolds; {", Red: tests("master", "TestL8_ManyDeaths"),
	},
	{
		Rule: "L2", Story: "the clock is not looked at before the timer fires", File: "lease/clock/clock.go",
		Is:    "	return min(Tick, time.Duration(c.waiters.Next().Sub(now))), true",
		Wrong: "	return time.Duration(c.waiters.Next().Sub(now)), true", Red: tests("lease/clock", "TestL2"),
	},
	{
		Rule: "Z14", Story: "who differs answers reads", File: "replica/reads.go",
		Is:    "	case \"master\", \"follower\", \"learner\":\n		return r.tree.Born() && r.ended == \"\" && !r.suspect()",
		Wrong: "	case \"master\", \"follower\", \"learner\", \"quarantined\":\n		return r.tree.Born() && r.ended == \"\"",
		Red:   tests("replica", "TestZ14_ARead|TestZ14_AFlippedBitInAFollower"),
	},
	{
		Rule: "Z15", Story: "a lease rests on the older list while a newer one is logged", File: "replica/zab/lists.go",
		Is: "	c.lists.set(r.Index, m)\n	c.rebacked()\n", Wrong: "	c.lists.set(r.Index, m)\n",
		Red: tests("replica/zab", "TestZ15_ALease"),
	},
	{
		Rule: "L9", Story: "a lease rests on one in quarantine until the next ping", File: "replica/zab/hello.go",
		Is:    "	p.standing, p.quarantined = m.Standing, m.Quarantined\n	c.rebacked()\n",
		Wrong: "	p.standing, p.quarantined = m.Standing, m.Quarantined\n", Red: tests("replica/zab", "TestL9_ALease"),
	},
	{
		Rule: "Z6", Story: "a history is acked that NewLeader did not name", File: "replica/zab/stream.go",
		Is: "	if m.Last.Index != s.begins {\n", Wrong: "	if false {\n", Red: tests("replica/zab", "TestZ6_AnAckOfAnother"),
	},
	{
		Rule: "Z6", Story: "a small batch goes ahead of the commit of the one before", File: "replica/zab/stream.go",
		Is: "len(s.flight) == 0 && !c.commits(s.acked)", Wrong: "len(s.flight) == 0",
		Red: tests("replica/zab", "TestZ6_BatchesGrowUntil"),
	},
	{
		Rule: "Z6", Story: "the leader's disk goes ahead of the commit by a small batch", File: "replica/zab/disk.go",
		Is: "!c.commits(h.written) || ", Wrong: "true || ", Red: tests("replica/zab", "TestZ6_BatchesGrowUntil"),
	},
	{
		Rule: "L9", Story: "an heir that has not heard yet is left for a while", File: "replica/zab/looking.go",
		Is: "	case s.Leader != 0 && s.Leader == f.former:\n", Wrong: "",
		Red: tests("replica/zab", "TestScripts/l9-the-heir-hears-last"),
	},
	{
		Rule: "L9", Story: "an heir that begins is not asked anew", File: "replica/zab/looking.go",
		Is: "	case s.Leader == f.leader:\n		f.askAgain = c.now\n", Wrong: "",
		Red: tests("replica/zab", "TestScripts/l9-the-heir-hears-last"),
	},
	{
		Rule: "C5", Story: "a master that hands over leaves its proposals unanswered", File: "replica/zab/mastership.go",
		Is: "(!whole || c.delivered.Index < c.log.last.Index)", Wrong: "!whole",
		Red: tests("replica", "TestC5_WhatIsProposedIsAnswered"),
	},
	{
		Rule: "C5", Story: "a mastership that ends in the Step of a commit tells nobody of it", File: "replica/mastership.go",
		Is: "		r.masters.Proposals = r.masters.Proposals[:0]\n", Wrong: "		r.masters.Reset()\n",
		Red: tests("replica", "TestC5_WhatIsProposedIsAnswered"),
	},
	{
		Rule: "C5", Story: "who has been named heir is asked no sooner than others", File: "client/session/finder.go",
		Is: "a.named = f.current != nil && a.name == f.current.located.Client", Wrong: "a.named = false",
		Red: tests("client/session", "TestC5_TheHeirIsAskedFirst"),
	},
}

func init() { Mutants = append(Mutants, roleMutants...) }
