package mutant

// seeds is what the simulator runs to catch a mutant: from the first seed on, until one is red. Most are
// within forty; the bound leaves room, for a change of the simulator draws all its stories anew.
func seeds() Red { return Red{Seed: 1, Seeds: 2000} }

// Mutants are all wrong versions that are known.
var Mutants = []Mutant{
	{
		Rule: "Z1", Story: "acks before the sync", File: "replica/zab/following.go",
		Is: "	return c.log.durable.Index\n}", Wrong: "	return c.log.last.Index\n}", Red: seeds(),
	},
	{
		Rule: "Z1", Story: "currentEpoch before its history", File: "replica/zab/following.go",
		Is:    "if f.naming == 0 || c.log.durable.Index < f.begins.Index {",
		Wrong: "if f.naming == 0 {", Red: seeds(),
	},
	{
		Rule: "Z4", Story: "an epoch accepted before it is durable", File: "replica/zab/following.go",
		Is: "if c.saved.AcceptedEpoch != f.offer {", Wrong: "if false {", Red: seeds(),
	},
	{
		Rule: "Z5", Story: "TRUNC leaves the snapshots above the cut", File: "replica/wal/truncate.go",
		Is:    "	if err := l.snaps.removeAbove(mark.Index); err != nil {",
		Wrong: "	if err := l.snaps.removeAbove(mark.Index + 1000); err != nil {",
		Red:   Red{Package: "replica/wal", Run: "TestTheDiskPassesItsSuite/Z5|Z5"},
	},
	{
		Rule: "Z6", Story: "applies what is not durable here", File: "replica/zab/receive.go",
		Is:    "	to := min(c.commit, c.log.durable.Index)\n	for n := 0;",
		Wrong: "	to := c.commit\n	for n := 0;", Red: seeds(),
	},
	{
		Rule: "Z11", Story: "a new directory has a vote beside those that have a history", File: "replica/zab/birth.go",
		Is:    "		case h.Begun || h.Last.Index > 0 || h.Standing == record.Learner:",
		Wrong: "		case false:", Red: seeds(),
	},
	{
		Rule: "L9", Story: "a vote inside a promise", File: "replica/zab/promise.go",
		Is:    "return p.to != candidate && p.to != 0 && now < p.until",
		Wrong: "return p.to != candidate && p.to != 0 && now < p.until && false", Red: seeds(),
	},
	{
		Rule: "L9", Story: "the candidate forgets its own promise", File: "replica/zab/leading.go",
		Is: "	if c.promise.binds(c.id, c.now) {\n		l.deadline", Wrong: "	if false {\n		l.deadline", Red: seeds(),
	},
	{
		Rule: "L9", Story: "the lease counts from when the pong came", File: "replica/zab/mastership.go",
		Is: "lease.Claim{Sent: ping.at, Length: ping.length}", Wrong: "lease.Claim{Sent: c.now, Length: ping.length}",
		Red: seeds(),
	},
	{
		Rule: "L3", Story: "a restarted voter does not wait", File: "replica/zab/core.go",
		Is: "until: c.since(now).Add(c.Hard.LongestPromise)}", Wrong: "until: now}",
		Red: Red{Package: "replica/zab", Run: "TestL3"},
	},
	{
		Rule: "L3", Story: "a voter that waits is to have waited since time began", File: "replica/zab/core.go",
		Is: "	if c.Since == 0 {\n		return now", Wrong: "	if c.Since == 0 {\n		return 0",
		Red: Red{Package: "replica/zab", Run: "TestL3"},
	},
	{
		Rule: "L4", Story: "reads after the lease", File: "master/failover.go",
		Is: "case m.at.Now >= m.at.Lease:", Wrong: "case false:",
		Red: Red{Package: "master", Run: "L4|L5"},
	},
	{
		Rule: "C6", Story: "a fill by a read that was on its way when the entry was emptied", File: "cache/stamp.go",
		Is: "if s.last[n] > t {", Wrong: "if s.last[n] > t && false {", Red: Red{Package: "cache", Run: "C6"},
	},
	{
		Rule: "C6", Story: "an old stream is still heard", File: "master/stream.go",
		Is: "		old.stale = true\n		m.out.Closes", Wrong: "		m.out.Closes",
		Red: Red{Package: "master", Run: "C6|C5"},
	},
	{
		Rule: "C6", Story: "a write that does not wait for its cachers", File: "master/write.go",
		Is: "		if !w.cleared {", Wrong: "		if false {", Red: seeds(),
	},
	{
		Rule: "C7", Story: "a later call of a session is proposed before an earlier one", File: "master/write.go",
		Is: "	for len(ln.waiting) > 0 && m.step(ln.waiting[0], ln) {",
		Wrong: "	for n := range len(ln.waiting) {\n		if n >= len(ln.waiting) {\n			break\n		}\n" +
			"		ln.waiting[0], ln.waiting[n] = ln.waiting[n], ln.waiting[0]\n" +
			"		if !m.step(ln.waiting[0], ln) {\n			continue\n		}",
		Red: seeds(),
	},
	{
		Rule: "L5", Story: "KeepAlives answered without a lease", File: "master/keepalive.go",
		Is: "n < keepAliveBatch && m.holds();", Wrong: "n < keepAliveBatch && m.Ready();",
		Red: Red{Package: "master", Run: "L5"},
	},
	{
		Rule: "C10", Story: "a cache lease for one who owes an ack", File: "cache/directory/cacher.go",
		Is:    "if c.unacked || len(c.debts) > 0 || now < c.banned {\n		return 0, c.inc",
		Wrong: "if c.unacked || now < c.banned {\n		return 0, c.inc", Red: seeds(),
	},
	{
		Rule: "C11", Story: "cachable while a round is open", File: "cache/directory/cacher.go",
		Is: "if e, ok := d.entries[n]; ok && e.open > 0 {", Wrong: "if e, ok := d.entries[n]; ok && e.open > 99 {",
		Red: seeds(),
	},
	{
		Rule: "C1", Story: "a Context that no timer ends", File: "client/session/deadline.go",
		Is:    "	return min(until, m.keep.graceEnd(m.cfg.Grace))",
		Wrong: "	return max(until, m.keep.graceEnd(m.cfg.Grace))", Red: seeds(),
	},
	{
		Rule: "C1", Story: "a release inside the Margin", File: "client/session/deadline.go",
		Is:    "	h.releaseAt = m.now.Add(lease.Duration(h.op.Margin))",
		Wrong: "	h.releaseAt = m.now", Red: seeds(),
	},
	{
		Rule: "C3", Story: "no lock-delay", File: "master/lock/delays.go",
		Is: "	d.queue.Set(k, now.Add(length))", Wrong: "	d.queue.Set(k, now)", Red: seeds(),
	},
	{
		Rule: "C5", Story: "a new master forgets who cached under the old one", File: "cache/directory/failover.go",
		Is: "		s.waiting[id] = true", Wrong: "		_ = id", Red: seeds(),
	},
	{
		Rule: "C3", Story: "a new master does not restart lock-delays", File: "master/master.go",
		Is: "m.delays.Start(now, lock.Key(d.Key), d.Length)", Wrong: "m.delays.Start(now, lock.Key(d.Key), 0)",
		Red: Red{Package: "master", Run: "TestC3_LockDelayIsRestartedInFull"},
	},
	{
		Rule: "L6", Story: "a new master gives sessions no lease of their own", File: "master/silence.go",
		Is:    "	return m.sessions.Add(now, v.ID)\n",
		Wrong: "	return m.sessions.Add(now.Add(-lease.Duration(m.lengths.SessionLease)), v.ID)\n",
		Red:   seeds(),
	},
	{
		Rule: "C5", Story: "an Attach of another epoch is taken for an ack", File: "master/gate.go",
		Is: "	case a.Epoch != m.epoch:", Wrong: "	case false:", Red: Red{Package: "master", Run: "C5"},
	},
	{
		Rule: "L1", Story: "the session's lease counts from when the answer came", File: "client/session/keepalive.go",
		Is: "lease.Claim{Sent: m.keep.sent,", Wrong: "lease.Claim{Sent: m.now,", Red: seeds(),
	},
	{
		Rule: "L1", Story: "nobody allows for drift", File: "lease/lease.go",
		Is:    "	whole, rest := int64(d)/(1_000_000+int64(r)), int64(d)%(1_000_000+int64(r))",
		Wrong: "	r = 0\n	whole, rest := int64(d)/(1_000_000+int64(r)), int64(d)%(1_000_000+int64(r))",
		Red:   Red{Package: "lease", Run: "."},
	},
	{
		Rule: "L5", Story: "a master without a lease expires sessions", File: "master/ending.go",
		Is:    "	if !m.holds() {\n		return\n	}\n	for range expiryRounds {",
		Wrong: "	for range expiryRounds {", Red: Red{Package: "master", Run: "L4|L5|L7"},
	},
	{
		Rule: "Z8", Story: "answers before its own first transaction is applied", File: "master/failover.go",
		Is: "case m.seen == f.before:", Wrong: "case false:",
		Red: Red{Package: "master", Run: "Z8"},
	},
	{
		Rule: "Z4", Story: "an epoch that is not above its own promise", File: "replica/zab/leading.go",
		Is: "l.epoch = max(l.epoch, c.hard.AcceptedEpoch+1)", Wrong: "l.epoch = max(l.epoch, c.hard.AcceptedEpoch, 1)",
		Red: seeds(),
	},
	{
		Rule: "Z12", Story: "damage is taken for a torn tail", File: "replica/record/scan.go",
		Is: "err == nil && f.Synced >= index {", Wrong: "err == nil && f.Synced >= index && false {",
		Red: Red{Package: "replica/record", Run: "."},
	},
	{
		Rule: "C7", Story: "a call sent again is applied again", File: "replica/tree/apply.go",
		Is:    "	if done := x.recorded(a.Txn.Call); done != nil {",
		Wrong: "	if done := x.recorded(a.Txn.Call); done != nil && false {", Red: Red{Package: "replica/tree", Run: "."},
	},
	{
		Rule: "C11", Story: "Apply changes a name that the transaction does not carry", File: "replica/tree/apply.go",
		Is: "		err = a.Txn.carries(d.names)", Wrong: "		err = nil", Red: Red{Package: "replica/tree", Run: "."},
	},
	{
		Rule: "C6", Story: "a create-session that comes late begins the session anew", File: "master/create.go",
		Is: "	case l.Number > 1 || l.Spoke:", Wrong: "	case l.Number > 1:",
		Red: Red{Package: "master", Run: "TestC6_ACreateSessionThatComesLateEmptiesNoCache"},
	},
	{
		Rule: "C1", Story: "a Delete that leaves the session's own holds of the node", File: "client/session/delete.go",
		Is: "case !x.deletes(h):", Wrong: "case true:",
		Red: Red{Package: "client/session", Run: "TestC1_OwnDeleteEndsTheHoldFirst"},
	},
	{
		Rule: "C7", Story: "an acquire sent again is answered with how it stood", File: "master/admit.go",
		Is:    "m.reply(l.ID, c.Number, true, m.asItStands(l, r), c.Op, m.at.Now)",
		Wrong: "m.reply(l.ID, c.Number, true, r, c.Op, m.at.Now)",
		Red:   Red{Package: "master", Run: "TestC7_AnAcquireSentAgainIsAnsweredWithHowItStandsNow"},
	},
	{
		Rule: "L4", Story: "a call refused without the lease", File: "master/round.go",
		Is: "if ln != nil && !m.holds() {", Wrong: "if ln != nil && false {",
		Red: Red{Package: "master", Run: "TestL4_NoCallIsRefusedWithoutTheLease"},
	},
	{
		Rule: "C8", Story: "the older word on an acquire outlives the newer", File: "client/session/hold.go",
		Is: "	if i := k.earlier(s.Hold); i >= 0 {\n		k.early[i] = s\n	} else if", Wrong: "	if",
		Red: Red{Package: "client/session", Run: "TestC8_GrantBeforeTheAnswer"},
	},
	{
		Rule: "C2", Story: "a sequencer of the past proves a change", File: "replica/tree/decide.go",
		Is: "if q != nil && !t.CheckSequencer(*q) {", Wrong: "if q != nil && false {", Red: seeds(),
	},
	{
		Rule: "C6", Story: "a list that fills a cache without being registered", File: "master/query.go",
		Is:    "	r.Incarnation, r.Cachable = m.cachable(l, a.Cache && a.Names && a.After == \"\", a.Name, on)",
		Wrong: "	if _ = on; l != nil && a.Cache {\n		r.Incarnation, r.Cachable = m.dir.Incarnation(l.ID), true\n	}",
		Red:   seeds(),
	},
	{
		Rule: "C11", Story: "ephemerals stay behind their session's record", File: "replica/tree/files.go",
		Is: "	for _, name := range d.reap {", Wrong: "	for _, name := range d.reap[:len(d.reap)/2] {", Red: seeds(),
	},
	{
		Rule: "C6", Story: "invalidate after apply", File: "master/round.go",
		Is:    "	m.dir.Open(m.at.Now, directory.RoundID(w.id), names, &m.fx)",
		Wrong: "	m.dir.Open(m.at.Now, directory.RoundID(w.id), nil, &m.fx)",
		More: []Place{{
			File: "master/write.go",
			Is:   "		m.dir.Close(m.at.Now, directory.RoundID(w.id))",
			Wrong: "		m.dir.Close(m.at.Now, directory.RoundID(w.id))\n" +
				"		m.dir.Open(m.at.Now, directory.RoundID(w.id), w.txn.Names, &m.fx)\n		m.spread()\n" +
				"		m.dir.Close(m.at.Now, directory.RoundID(w.id))",
		}},
		Red: seeds(),
	},
	{
		Rule: "C9", Story: "a watch that fell off the history goes on as if nothing had been", File: "master/watch.go",
		Is: "	if !ok || w.From > m.tree.Mark().Zxid {", Wrong: "	if ok = ok || w.From > 0; !ok {", Red: seeds(),
	},
	{
		Rule: "Z11", Story: "a copy of a directory is believed", File: "replica/zab/hello.go",
		Is:    "return m.Boot < c.bootOf(p.id, m.Incarnation) }",
		Wrong: "return m.Boot < c.bootOf(p.id, m.Incarnation) && false }", Red: seeds(),
	},
	{
		Rule: "C1", Story: "anybody locks an ephemeral", File: "replica/tree/acquire.go",
		Is:    "	if owner := n.extras().owner; owner != 0 && owner != tx.Session {",
		Wrong: "	if owner := n.extras().owner; owner != 0 && owner != tx.Session && false {", Red: seeds(),
	},
	{
		Rule: "C6", Story: "a follower shows what its master does not show yet", File: "replica/zab/stream.go",
		Is:    "	to := min(c.commit, c.log.durable.Index)\n	if c.reading != 0 ||",
		Wrong: "	to := c.commit\n	if false &&", Red: Red{Package: "replica/zab", Run: "TestScripts/c6"},
	},
}
