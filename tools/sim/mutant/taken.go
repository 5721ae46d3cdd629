package mutant

// taken are mutants of holds that are taken: broken, killed, ended by MaxHold.
var taken = []Mutant{
	{
		Rule: "C1", Story: "grant at once after a break", File: "replica/tree/taken.go",
		Is: "	t.keepLock(l)\n}\n\n// breakOverdue takes",
		Wrong: "	for len(l.holders) > 0 {\n		t.removeHold(a, l, l.holders[0])\n	}\n	t.grant(a, l)\n" +
			"	t.keepLock(l)\n}\n\n// breakOverdue takes",
		Red: seeds(),
	},
	{
		Rule: "C1", Story: "a kill that does not wait for the holds", File: "replica/tree/taken.go",
		Is: "		if h := l.find(k.Hold); h.token != 0 {", Wrong: "		if h := l.find(k.Hold); h == nil {", Red: seeds(),
	},
	{
		Rule: "C1", Story: "a taken hold given back inside its Margin", File: "client/session/leaving.go",
		Is: "		h.releaseAt = m.now.Add(lease.Duration(h.op.Margin))", Wrong: "		h.releaseAt = m.now",
		Red: tests("client/session", "TestC1_TakenHoldsAreGivenBack"),
	},
	{
		Rule: "C1", Story: "the node deleted inside the Margin of its hold", File: "client/session/delete.go",
		Is: "		x.notBefore = max(x.notBefore, h.releaseAt)\n", Wrong: "",
		Red: tests("client/session", "TestC1_TakenHoldsAreGivenBack"),
	},
	{
		Rule: "C1", Story: "a taken hold that passes a check", File: "replica/tree/lockreads.go",
		Is: "	if !ok || l.holders[i].loss.Taken() {", Wrong: "	if !ok {",
		Red: tests("replica/tree", "TestC1_ATakenHoldKeepsItsPlace"),
	},
	{
		Rule: "C1", Story: "renewing who owes an acknowledgement", File: "master/session/taken.go",
		Is: "return o.due <= now", Wrong: "return false", Red: tests("master", "Scripts/c1_taken"),
	},
	{
		Rule: "C1", Story: "MaxHold counted from the acquire", File: "replica/tree/taken.go",
		Is: "Length: lease.Duration(h.maxHold)}", Wrong: "Length: lease.Duration(h.maxHold - (h.granted - h.asked))}",
		Red: tests("master", "Scripts/c1_maxhold"),
	},
	{
		Rule: "C1", Story: "the answer to an acquire that was taken before it left", File: "master/behind.go",
		Is: "			b.reply.Result = m.asItStands(l, b.reply.Result)\n", Wrong: "",
		Red: tests("master", "TestC1_AnAnswerThatWaited"),
	},
	{
		Rule: "C1", Story: "a new master forgets a killed session", File: "master/master.go",
		Is: "				m.sessions.KilledBefore(now, id)", Wrong: "				_ = id",
		Red: tests("master", "Scripts/c1_killed"),
	},
}

func init() { Mutants = append(Mutants, taken...) }
