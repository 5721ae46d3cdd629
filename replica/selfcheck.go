package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// Bounds of the self-checking (Z14).
const (
	markerEvery   = 1024              // transactions from one marker to the next, unless Config says fewer…
	markerWithin  = 10 * lease.Second // …and time: an idle cell's memory rots too
	disputedAfter = 10 * lease.Second // without agreement, until the alarm is raised
	keepPoints    = 16                // of which this replica remembers its digest
)

// selfcheck is what this replica knows of the digests of its tree, and of the others' (Z14).
type selfcheck struct {
	points   []point    // the newest, rising
	next     tree.Place // where the next stretch to be read anew begins
	since    int        // transactions since the newest point
	agreed   uint64     // index of the newest point at which this tree is known to be a quorum's
	disputed bool       // the log says that no quorum reports alike
	alarm    string     // the same in words; "": it does not
	out      string     // why this tree is not trusted any more; "": it is

	// At a master only:
	last    lease.Instant // when it proposed its newest marker
	flying  bool          // that marker is not applied yet
	waits   lease.Instant // since when there has been no agreement; 0: there is
	found   *point        // the newest point at which a quorum reported alike
	news    bool          // somebody differs, and no marker tells of it yet
	raising bool          // a Raise is not applied yet (Z16)
}

// point is a place in the history at which every replica reports its digest.
type point struct {
	index, digest uint64   // this replica's own
	reports       []report // of the others, at a master
	settled       bool     // a quorum reported alike, this replica among them
}

type report struct {
	from   cell.ReplicaID
	digest uint64
}

func (p *point) of(id cell.ReplicaID) (uint64, bool) {
	for _, x := range p.reports {
		if x.from == id {
			return x.digest, true
		}
	}
	return 0, false
}

func (c *selfcheck) at(index uint64) *point {
	for i := range c.points {
		if c.points[i].index == index {
			return &c.points[i]
		}
	}
	return nil
}

// suspect reports whether this tree is not to be trusted: nothing is answered from it, nothing made of
// it, and nothing applied to it.
func (r *Replica) suspect() bool { return r.check.out != "" || r.core.Quarantined() }

func (r *Replica) whySuspect() string {
	why := r.check.out
	if why == "" {
		why = "before its last start its tree was found to be another than a quorum's"
	}
	return "quarantined: " + why + "; it counts in no quorum until another replica has rebuilt it"
}

// pass looks at a transaction that was applied: at a point of the history the digest is taken, and goes
// to the leader with the next ack; a marker says what a quorum had at an earlier one.
func (r *Replica) pass(at Moment, a *tree.Applied, eff *Effects) {
	c := &r.check
	c.since++
	from, ok := a.Point()
	if !ok {
		return
	}
	p := point{index: a.Mark.Index}
	p.digest, c.next = r.tree.Report(from)
	c.since, c.flying = 0, false
	if c.points = append(c.points, p); len(c.points) > keepPoints {
		c.points = append(c.points[:0], c.points[1:]...)
	}
	r.batch = append(r.batch, zab.Report{At: p.index, Digest: p.digest})
	eff.Counts.Markers++
	if m, is := a.Txn.Op.(*tree.Marker); is {
		r.heed(at, m, eff)
	}
	if r.master != nil && !r.suspect() {
		if c.waits == 0 {
			c.waits = at.Now
		}
		r.judge(at, &c.points[len(c.points)-1], eff) // a cell of one agrees with itself
	}
}

// heed compares this tree with what the log says that a quorum had.
func (r *Replica) heed(at Moment, m *tree.Marker, eff *Effects) {
	c := &r.check
	if c.disputed = m.Disputed; !c.disputed && c.alarm != "" {
		eff.Lines = append(eff.Lines, Line{"info", "a quorum of replicas agrees on its tree again"})
		c.alarm = ""
	} else if c.disputed && c.alarm == "" {
		c.alarm = "no quorum of replicas reports the same tree: nothing is compacted until one does"
		eff.Lines = append(eff.Lines, Line{"error", c.alarm})
	}
	switch p := c.at(m.Agreed); {
	case p == nil: // not applied here, but part of a snapshot
	case p.digest == m.Digest:
		c.agreed = max(c.agreed, p.index)
	default:
		r.quarantine(at, fmt.Sprintf("at index %d its tree has the digest %016x, that of a quorum is %016x", p.index,
			p.digest, m.Digest), eff)
	}
}

// quarantine ends everything that this replica does with its tree. A master gives the mastership up
// first. A cell's only replica has nobody to rebuild it: its disk may still have what memory lost.
func (r *Replica) quarantine(at Moment, why string, eff *Effects) {
	switch {
	case r.suspect() || r.ended != "":
		return
	case len(r.list()) == 1:
		r.end(why+": start it again, it is read from the disk", eff)
		return
	}
	r.lose(at, why, eff)
	r.check.out = why
	r.batch = append(r.batch, zab.Quarantine{Why: why})
	eff.Counts.Quarantines++
	eff.Lines = append(eff.Lines, Line{"error", r.whySuspect()})
}
