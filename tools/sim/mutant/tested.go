package mutant

// tests is what the tests of a package run to catch a mutant.
func tests(pkg, run string) Red { return Red{Package: pkg, Run: run} }

// Tested are mutants that tests, scripts and properties catch, where the simulator does not look
// or would need long.
var Tested = []Mutant{
	{
		Rule: "L9", Story: "a pong in a mastership already given up", File: "lease/mastership.go",
		Is: "	if m.over || len(voters) == 0 {", Wrong: "	if len(voters) == 0 {", Red: tests("lease", "TestL9"),
	},
	{
		Rule: "Z12", Story: "a plain node of a snapshot is read without its time", File: "replica/tree/restorenode.go",
		Is: "		w.Modified = int64(f.Value)", Wrong: "", Red: tests("replica/tree", "Z12"),
	},
	{
		Rule: "Z6", Story: "acks of proposals counted before the ack of NEWLEADER", File: "replica/zab/stream.go",
		Is: "	if counts {\n		s.acked", Wrong: "	if true {\n		s.acked", Red: tests("replica/zab", "."),
	},
	{
		Rule: "Z5", Story: "DIFF over an epoch boundary", File: "replica/zab/history.go",
		Is:    "		case a.Epoch < b.Epoch:\n			j--",
		Wrong: "		case a.Epoch < b.Epoch:\n			return b.Last, true", Red: tests("replica/zab", "."),
	},
	{
		Rule: "C6", Story: "the writer's own cache left out", File: "master/round.go",
		Is:    "	told := len(m.fx.Invalidate)\n",
		Wrong: "	told := len(m.fx.Invalidate)\n	m.dir.Emptied(w.txn.Session, &m.fx)\n", Red: tests("master", "TestC6"),
	},
	{
		Rule: "C7", Story: "what is proposed overtakes an acquire that lingers", File: "master/write.go",
		Is: "		m.hurry()\n", Wrong: "", Red: tests("master", "TestC7"),
	},
	{
		Rule: "Z14", Story: "the record of a call changes under a view", File: "replica/tree/apply.go",
		Is: "gone.life == t.life {", Wrong: "true {", Red: tests("replica/tree", "TestZ14_AView"),
	},
	{
		Rule: "Z14", Story: "the history of a lock changes under a view", File: "replica/tree/pastholds.go",
		Is: "} else if p.life != life {", Wrong: "} else if false {", Red: tests("replica/tree", "TestZ14_AView"),
	},
	{
		Rule: "C11", Story: "cachable again after the first of two open rounds", File: "cache/directory/round.go",
		Is: "		e.open--\n", Wrong: "		e.open = 0\n", Red: tests("cache/directory", "."),
	},
	{
		Rule: "C7", Story: "call records forgotten at fail-over", File: "master/admit.go",
		Is:    "m.tree.Recorded(l.ID, c.Number); ok {",
		Wrong: "m.tree.Recorded(l.ID, c.Number); ok && r.Zxid.Epoch() == m.epoch {", Red: tests("master", "."),
	},
	{
		Rule: "Z17", Story: "a limit as a package variable", File: "replica/tree/decidefile.go",
		Is:    "	if size > t.limits.Value {",
		Wrong: "	if size > cell.DefaultLimits().Value {", Red: tests("replica/tree", "TestB2"),
	},
	{
		Rule: "L7", Story: "deadlines moved by every gap", File: "master/master.go",
		Is: "m.at.Late > session.TardyAfter", Wrong: "m.at.Late >= 0", Red: tests("master", "."),
	},
	{
		Rule: "L4", Story: "the clock read before the drain", File: "replica/host/host.go",
		Is:    "	in := h.inbox.drain(spare)\n	return in, h.now()",
		Wrong: "	at := h.now()\n	return h.inbox.drain(spare), at", Red: tests("replica/host", "TestL4"),
	},
	{
		Rule: "Z11", Story: "a refused copy of a directory starts again", File: "replica/zab/hello.go",
		Is: "	c.hard.Copied = true\n", Wrong: "", Red: tests("replica/zab", "TestZ11_ACopy"),
	},
	{
		Rule: "Z11", Story: "an incarnation made by init", File: "replica/host/recover.go",
		Is:    "		found.Hard.Incarnation = cell.Incarnation(random() | 1)",
		Wrong: "		found.Hard.Incarnation = cell.Incarnation(h.birth.Replica)",
		Red:   tests("replica/host", "TestZ11_CopiedDirectories"),
	},
	{
		Rule: "Z12", Story: "a segment is read over records of the log's end", File: "replica/wal/scan.go",
		Is: "len(all) == 0 || len(recent) > 0 && recent[0].Index <= all[0].last", Wrong: "len(all) == 0",
		Red: tests("replica/wal", "TestTheEndOfALongLog"),
	},
	{
		Rule: "Z15", Story: "member lists in the log are forgotten at a start", File: "replica/record/scan.go",
		Is:    "	if r.Kind == Members && r.Index > s.o.Base.Index {",
		Wrong: "	if r.Kind == Members && r.Index < s.o.Base.Index {", Red: tests("replica/record", "TestZ15"),
	},
	{
		Rule: "Z12", Story: "who has children and says that it has none is not looked for", File: "replica/tree/check.go",
		Is: "	c.want(len(c.children) == len(c.parents), ", Wrong: "	c.want(true, ",
		Red: tests("replica/tree", "TestZ12_ASnapshotWithAWrongParent"),
	},
	{
		Rule: "Z5", Story: "a snapshot received for one point holds the tree of another", File: "replica/host/snapshots.go",
		Is:    "	if err == nil && (t.Mark() != m || t.CellID() != s.host.birth.Cell) {",
		Wrong: "	if err == nil && t.CellID() != s.host.birth.Cell {", Red: tests("replica/host", "TestZ5_AReceived"),
	},
}

func init() { Mutants = append(Mutants, Tested...) }
