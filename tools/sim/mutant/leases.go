package mutant

// leases are mutants of session leases: silent marks, lengths that change.
var leases = []Mutant{
	{
		Rule: "C1", Story: "a lock is handed over with less than its Margin left", File: "client/session/hold.go",
		Is: "; until > m.now {", Wrong: "; true {", Red: tests("client/session", "TestC1_NothingIsHandedOver"),
	},
	{
		Rule: "C1", Story: "a Margin that no lease leaves keeps its lock for nobody", File: "client/session/deadline.go",
		Is: "	if lease.Duration(h.op.Margin) < most {\n", Wrong: "	if true {\n",
		Red: tests("client/session", "TestC1_NothingIsHandedOver"),
	},
	{
		Rule: "C1", Story: "COMMAND has its kill-after whenever the loss is seen", File: "cmd/cellctl/run/task.go",
		Is: "	return min(time.Until(t.Deadline()), 0) + t.KillAfter\n", Wrong: "	return t.KillAfter\n",
		Red: tests("cmd/cellctl/run", "TestC1_ALate"),
	},
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
