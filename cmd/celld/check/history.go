package check

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// snapshots reads every snapshot whole, and gives the marks of those that are sound, the newest first.
func (i *inspection) snapshots() []record.Mark {
	files := i.at.Snapshots()
	marks, err := files.List()
	if err != nil && i.had {
		i.bad("snapshots", err)
	}
	var sound []record.Mark
	for _, m := range marks {
		i.begun = true
		part := fmt.Sprintf("snapshot %v", m)
		if err := files.Verify(m); err != nil {
			i.bad(part, err)
			continue
		}
		t, err := i.decode(m)
		if err != nil {
			i.bad(part, err)
			continue
		}
		sound = append(sound, m)
		nodes, sessions, locks := t.Counts()
		i.tree.snapshots = append(i.tree.snapshots, taken{m, t.Digest()})
		i.ok("%s: %d nodes, %d sessions, %d locks held, digest %016x", part, nodes, sessions, locks, t.Digest())
		i.tree.t = t // the oldest is the last
	}
	return sound
}

func (i *inspection) decode(m record.Mark) (*tree.Tree, error) {
	r, err := i.at.Snapshots().Open(m)
	if err != nil {
		return nil, err
	}
	t, err := tree.DecodeTree(r, tree.Options{})
	err = errors.Join(err, r.Close())
	if err == nil && t.Mark() != m {
		err = record.Damaged("it holds the tree at %v", t.Mark())
	}
	return t, err
}

// log scans the whole log and replays it into the oldest sound snapshot.
func (i *inspection) log(marks []record.Mark) {
	c, ok, err := i.at.Current()
	switch {
	case err != nil:
		i.bad("CURRENT", err)
		return
	case !ok && (i.begun || i.hard.Begun):
		i.bad("CURRENT", record.Lost("history has begun here, and nothing says which log counts"))
		return
	case !ok:
		i.note("CURRENT: none, nothing was ever logged here")
		return
	}
	i.ok("CURRENT: log %d, which began behind %v", c.Log, c.Base)
	if c.Installing {
		i.note("CURRENT: a snapshot from a peer was being installed; the next start ends that")
		return
	}
	base := record.Mark{}
	if len(marks) > 0 {
		base = marks[0]
	}
	if i.tree.t == nil {
		i.tree.t = tree.New(tree.Options{})
	}
	report, err := i.at.Log(c, base, marks, func(name string, rs []record.Record) error {
		i.ok("%s: records %v to %v", name, rs[0].Mark(), rs[len(rs)-1].Mark())
		i.tree.replay(rs)
		return nil
	})
	if err != nil {
		i.bad("log", err)
		return
	}
	if report.TornBytes > 0 && len(report.Notes) > 0 {
		i.note("log: %s; the next start does that", report.Notes[len(report.Notes)-1])
	}
	summary, err := record.Conclude(record.Found{Hard: i.hard, HadHard: i.had, Emptied: c.Emptied, Log: report,
		Base: base})
	if err != nil {
		i.bad("history", err)
		return
	}
	i.ok("history: snapshot %v, log from %d to %v", summary.Snapshot, summary.First, summary.Last)
	i.judge(summary.Last)
}

// judge says what came of the replay.
func (i *inspection) judge(last record.Mark) {
	r := &i.tree
	if r.err != nil {
		i.bad("tree", r.err)
		return
	}
	if r.t.Mark() != last {
		i.bad("tree", record.Lost("the log goes to %v, and the tree only to %v: records between are missing", last,
			r.t.Mark()))
		return
	}
	if err := r.t.Check(); err != nil {
		i.bad("tree", err)
		return
	}
	if r.t.Born() && i.birth.Name != "" && (r.t.CellID() != i.birth.Cell || r.t.Cell() != i.birth.Name) {
		i.bad("tree", record.Foreign("it is of cell %s (%v), the birth record of %s (%v)", r.t.Cell(), r.t.CellID(),
			i.birth.Name, i.birth.Cell))
		return
	}
	nodes, sessions, locks := r.t.Counts()
	i.ok("tree: at %v, format %d, %d nodes, %d sessions, %d locks held, digest %016x; %d of %d announced digests compared",
		r.t.Mark(), r.t.Format(), nodes, sessions, locks, r.t.Digest(), r.agreed, r.announced)
}
