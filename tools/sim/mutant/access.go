package mutant

// access are mutants of who may do what.
var access = []Mutant{
	{
		Rule: "B1", Story: "what may not be done is done", File: "replica/tree/decide.go",
		Is:    "		if err := t.Permit(tx.Principal, tx.Op); err != nil {",
		Wrong: "		if err := t.Permit(tx.Principal, tx.Op); err != nil && tx.Call == 0 {",
		Red:   tests("replica/tree", "TestB1_WhoMay"),
	},
	{
		Rule: "B1", Story: "the parts of a transaction are not decided", File: "replica/tree/multi.go",
		Is:    "	if err := t.Permit(tx.Principal, p); err != nil {",
		Wrong: "	if err := t.Permit(tx.Principal, p); err != nil && tx.Call == 0 {",
		Red:   tests("replica/tree", "TestB1_WhoMay"),
	},
	{
		Rule: "B1", Story: "a transaction that speaks for another", File: "replica/tree/apply.go",
		Is: "	case tx.Principal != x.principal:", Wrong: "	case tx.Principal == \"\" && x.principal != \"\":",
		Red: tests("replica/tree", "TestB1_ATransaction"),
	},
	{
		Rule: "B1", Story: "the directory of the ACLs made by who writes the root", File: "replica/tree/access.go",
		Is: "at.name.IsRoot() && t.aclDir.Covers(n.name)", Wrong: "at.name == t.aclDir",
		Red: tests("replica/tree", "TestB1_WhoMay"),
	},
	{
		Rule: "C6", Story: "a cached read after the list has changed", File: "master/round.go",
		Is: "	if m.tree.OfACLs(names) {", Wrong: "	if len(names) == 0 && m.tree.OfACLs(names) {",
		Red: seeds(),
	},
	{
		Rule: "C6", Story: "cachable while a list is being changed", File: "cache/directory/cacher.go",
		Is: "	if !ok || d.everything > 0 || d.full(c) {", Wrong: "	if !ok || d.full(c) {",
		Red: tests("cache/directory", "."),
	},
	{
		Rule: "C6", Story: "a round of everything that does not wait for earlier debts", File: "cache/directory/round.go",
		Is: "		for _, b := range c.debts {\n			d.join(r, b)\n		}\n", Wrong: "",
		Red: tests("cache/directory", "."),
	},
	{
		Rule: "C6", Story: "a read on its way fills the cache after the list has changed", File: "cache/cache.go",
		Is: "	c.stamps.hitAll()\n	c.counts.Invalidated", Wrong: "	c.counts.Invalidated",
		Red: tests("cache", "TestC6_InvalidationSpoils"),
	},
	{
		Rule: "C6", Story: "confirmed to who lost the right", File: "master/revalidate.go",
		Is:    "on != \"\" && m.tree.Permit(principal, &call.Read{Name: c.Name}) == nil {",
		Wrong: "on != \"\" && (principal != \"\" || m.tree.Permit(principal, &call.Read{Name: c.Name}) == nil) {",
		Red:   tests("master", "TestC6_WhatMayNot"),
	},
	{
		Rule: "B1", Story: "a denied write opens a round", File: "master/round.go",
		Is: "	if refusal != nil {\n", Wrong: "	if refusal != nil && refusal.Code != 17 {\n",
		Red: tests("master", "TestB1_C6_Nothing"),
	},
	{
		Rule: "B1", Story: "an event of what may not be read", File: "master/shown.go",
		Is: "	return now, now != before\n", Wrong: "	return true, now != before\n",
		Red: tests("master", "TestB1_C6_Nothing"),
	},
	{
		Rule: "B1", Story: "a first state of what may not be read", File: "master/watch.go",
		Is:    "		if !m.tree.Reads(w.Principal, w.After) {",
		Wrong: "		if w.Principal == \"\" && !m.tree.Reads(w.Principal, w.After) {",
		Red:   tests("master", "TestB1_C6_Nothing"),
	},
	{
		Rule: "B1", Story: "a watch goes on when its list has changed", File: "master/shown.go",
		Is: "			if w.Phase != session.Behind {\n				m.resync(w)\n			}\n", Wrong: "			_ = w\n",
		Red: tests("master", "TestB1_C6_Nothing"),
	},
	{
		Rule: "B1", Story: "a list with the metadata of what may not be read", File: "replica/tree/answer.go",
		Is: "a.Names || !t.Reads(principal, k.Name) {", Wrong: "a.Names {",
		Red: tests("master", "TestB1_C6_Nothing"),
	},
	{
		Rule: "B1", Story: "a replica answers whoever asks", File: "replica/reads.go",
		Is: "	err := r.tree.Permit(by.principal, q.Ask)\n", Wrong: "	var err error\n",
		Red: tests("replica", "TestB1_AReplica"),
	},
}

func init() { Mutants = append(Mutants, access...) }
