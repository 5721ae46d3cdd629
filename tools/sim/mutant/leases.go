package mutant

// leases are mutants of session leases: silent marks, lengths that change.
var leases = []Mutant{
	{
		Rule: "L1", Story: "a KeepAlive waits for company beyond half of its lease", File: "lease/lease.go",
		Is: "	return at - at%grid", Wrong: "	return at - at%grid + grid", Red: tests("lease", "TestL1"),
	},
	{
		Rule: "L8", Story: "a Step answers however many KeepAlives are due", File: "master/keepalive.go",
		Is: "n < keepAliveBatch && m.holds();", Wrong: "m.holds();", Red: tests("master", "TestL8_KeepAlives"),
	},
	{
		Rule: "L6", Story: "a silent mark without heard again", File: "master/session/keepalive.go",
		Is:    "if l := t.live[id]; !l.Ending && !l.silent && !l.owes(now) {",
		Wrong: "if l := t.live[id]; !l.Ending && !l.owes(now) {\n			l.silent = false",
		Red:   tests("master", "TestL6|Scripts"),
	},
	{
		Rule: "L6", Story: "the maximum lowered at once", File: "master/lengths.go",
		Is:    "*l = lowering{length, cache, m.at.Now.Add(max(running, cacheRuns))}",
		Wrong: "*l = lowering{length, cache, m.at.Now}",
		Red:   tests("master", "Scripts/l3_l6_lengths"),
	},
	{
		Rule: "L6", Story: "longer leases granted before that is logged", File: "master/lengths.go",
		Is: "length, cache := min(length, running),", Wrong: "length, cache := length,",
		Red: tests("master", "Scripts/l3_l6_lengths"),
	},
	{
		Rule: "L6", Story: "longer leases granted while less is being logged", File: "master/lengths.go",
		Is: "	if m.allowing != 0 {", Wrong: "	if false {", Red: tests("master", "TestL6_NothingLonger"),
	},
	{
		Rule: "L6", Story: "a new master gives a silent session a full lease", File: "master/silence.go",
		Is: "	if v.Rest > 0 {", Wrong: "	if false {", Red: tests("master", "TestL6"),
	},
	{
		Rule: "L3", Story: "a shorter lease counts at once for a new master", File: "replica/tree/setting.go",
		Is:    "	t.granted.SessionLease = max(t.granted.SessionLease, t.lengths.SessionLease)",
		Wrong: "	t.granted.SessionLease = t.lengths.SessionLease", Red: tests("master", "Scripts/l3_l6_lengths"),
	},
}

func init() { Mutants = append(Mutants, leases...) }
