package mutant

// Member changes: wrong versions of Z11 and Z15.
var memberMutants = []Mutant{
	{
		Rule: "Z15", Story: "the old quorum is forgotten while a change is on its way", File: "replica/zab/lists.go",
		Is: "	if n > 1 && c.changing() {\n		v.Old", Wrong: "	if false {\n		v.Old", Red: seeds(),
	},
	{
		Rule: "Z11", Story: "a learner counts in a quorum", File: "replica/zab/lists.go",
		Is: "	if p.standing != record.Voter || p.incarnation == 0 {\n		return false\n	}\n	if m.Incarnation != 0 {\n" +
			"		return m.Incarnation == p.incarnation\n	}",
		Wrong: "	if p.incarnation == 0 {\n		return false\n	}\n	if m.Incarnation != 0 {\n		return true\n	}", Red: seeds(),
	},
	{
		Rule: "Z15", Story: "who leaves has no vote before the change is committed", File: "replica/zab/lists.go",
		Is: "	return in(v.New) || in(v.Old)\n}\n\n// hasVote", Wrong: "	return in(v.New)\n}\n\n// hasVote",
		Red: tests("replica", "TestZ15_WhoLeavesVotes"),
	},
	{
		Rule: "Z15", Story: "a newcomer is counted before it has caught up", File: "replica/zab/newcomer.go",
		Is: "	case p.link.stream.upToDate == 0:", Wrong: "	case false:",
		Red: tests("replica", "TestZ15_ANewcomerCountsInNoQuorum"),
	},
	{
		Rule: "Z11", Story: "an incarnation is bound by a master that has not waited for the old one",
		File: "replica/zab/newcomer.go", Is: "(m.Incarnation != 0 && !c.Silent(m))", Wrong: "false",
		Red: tests("replica/zab", "TestScripts/emptied_twice"),
	},
	{
		Rule: "Z11", Story: "a directory takes the id of one that answers", File: "replica/zab/hello.go",
		Is: "	case p.answers(bound.Incarnation, c):", Wrong: "	case false:",
		Red: tests("replica", "TestZ11_AnEmptiedReplicaIsALearner"),
	},
	{
		Rule: "Z15", Story: "one who was removed is not told", File: "replica/zab/leading.go",
		Is: "	c.dismiss()\n", Wrong: "", Red: tests("replica", "TestZ15_WhoWasRemoved"),
	},
	{
		Rule: "Z15", Story: "one who was removed starts again", File: "replica/zab/removal.go",
		Is: "	c.hard.Removed = true\n", Wrong: "", Red: tests("replica", "TestZ15_WhoWasRemoved"),
	},
	{
		Rule: "Z15", Story: "members that do not serve are counted on", File: "replica/members.go",
		Is: "		if r.core.Serves(m) {", Wrong: "		if true {", Red: tests("replica", "TestZ15_"),
	},
	{
		Rule: "Z15", Story: "a master takes itself out of the list", File: "replica/members.go",
		Is: "	case a.Old == r.config.Core.ID && a.New.ID != a.Old:\n		if", Wrong: "	case false:\n		if",
		Red: tests("replica", "TestZ15_TheMasterHandsOver"),
	},
	{
		Rule: "Z11", Story: "who took part in a birth is not remembered", File: "replica/zab/birth.go",
		Is: "	h := c.seal()\n	if h == nil {", Wrong: "	h := c.seal()\n	if true {",
		Red: tests("replica/zab", "TestZ11_WhoTookPart"),
	},
	{
		Rule: "Z11", Story: "a voter that begins anew does not say with whom", File: "replica/zab/hello.go",
		Is:    "	return !c.lists.bound() && !slices.Equal(told.Heard, c.names(spare[:0]))",
		Wrong: "	return c.saved.Standing == record.Unborn && !slices.Equal(told.Heard, c.names(spare[:0]))",
		Red:   tests("replica/zab", "TestZ11_ADiskLostDuringTheBirth"),
	},
	{
		Rule: "Z15", Story: "a second change while the first is on its way", File: "replica/zab/leading.go",
		Is: "(in.Kind != record.Members || !c.changing())", Wrong: "true",
		Red: tests("replica/zab", "TestZ15_OneChangeAtATime"),
	},
	{
		Rule: "Z15", Story: "a newcomer that lacks the list which binds it cannot be asked", File: "replica/zab/lists.go",
		Is: "	return c.counts(p, m) || (p.standing == record.Learner &&", Wrong: "	return c.counts(p, m) || (false &&",
		Red: tests("replica/zab", "TestScripts/z15"),
	},
	{
		Rule: "Z11", Story: "the word of a directory that nothing binds counts in discovery", File: "replica/zab/lists.go",
		Is: " && m.Incarnation != 0 &&\n		m.Incarnation == p.incarnation)", Wrong: ")",
		Red: tests("replica/zab", "TestScripts/z11-an-empty"),
	},
	{
		Rule: "Z11", Story: "a voter by birth promises before all are of one mind", File: "replica/zab/birth.go",
		Is: "h.Standing != record.Voter || !slices.Equal(h.Heard, mind))", Wrong: "mind == nil)",
		Red: tests("replica/zab", "TestZ11_NoEpoch"),
	},
	{
		Rule: "Z11", Story: "a promise of another mind is as good", File: "replica/zab/birth.go",
		Is: "c.saved.Standing != record.Voter || slices.Equal(h.Heard, c.names(nil))", Wrong: "true",
		Red: tests("replica/zab", "TestZ11_NoEpoch"),
	},
	{
		Rule: "Z11", Story: "a stranger sends the voters of a birth back", File: "replica/zab/birth.go",
		Is: "		if h != nil && !p.stranger && h.Standing", Wrong: "		if h != nil && h.Standing",
		Red: tests("replica/zab", "TestScripts/z11-a-stranger"),
	},
	{
		Rule: "Z11", Story: "whom a voter was born with counts from when the disk has answered", File: "replica/zab/hello.go",
		Is:    "slices.ContainsFunc(seen, func(s record.Seen) bool { return s.ID == p.id }):\n		return",
		Wrong: "c.seenAs(p.id) != 0:\n		return", Red: tests("replica/zab", "TestZ11_ATwin"),
	},
}

func init() { Mutants = append(Mutants, memberMutants...) }
