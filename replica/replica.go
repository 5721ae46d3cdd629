package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// Config is what a replica begins with. Core's Log, Hard and Recent come from the disk's
// recovery, Tree from its newest snapshot (a new Tree when there is none).
type Config struct {
	CellName string
	CellID   cell.CellID
	Core     zab.Config
	Tree     *tree.Tree
	Birth    tree.Birth // what the first transaction of a new cell says, but for the members (L3, Z17)
	Snapshot SnapshotPolicy
	Audit    bool // give Effects.Deeds
	// MarkerEvery is after how many transactions a master has everybody's digests compared; 0: 1,024.
	MarkerEvery int
}

// Replica is one whole replica. Not safe for concurrent use.
type Replica struct {
	config      Config
	core        *zab.Core
	tree        *tree.Tree
	master      *master.Master // nil unless this replica leads
	began       cell.Epoch     // in which the mastership began (Z13: not the Zab epoch)
	streams     streams
	parked      []parkedRead // in the order in which they came
	growth      growth
	check       selfcheck
	fresh       *tree.Tree // decoded from an installed snapshot, until the core says Restored
	members     members
	woke        lease.Instant  // the WakeAt of the last Step
	late        lease.Duration // by how much this Step comes later than that (L7)
	ended       string
	looking     string // why there is no leader
	trouble     trouble
	certificate int64  // when it ends; 0: there is none
	role        string // when Changed was last asked
	away        map[cell.ReplicaID]string
	masters     master.Out

	batch   []zab.Input    // for the core
	own     []Input        // for the replica itself
	fromOut []FromClient   // from clients, before it is clear who answers
	gone    []uint64       // streams that ended
	applied []master.Input // for the master: what was applied,
	asked   []master.Input // and what was asked

	proposed proposed // by the master that this is, and not applied yet
}

// New starts a replica at its recovered state; what it wants done first is in eff.
func New(c Config, at Moment, eff *Effects) *Replica {
	r := &Replica{config: c, tree: c.Tree, streams: newStreams(), woke: lease.Never,
		away: map[cell.ReplicaID]string{}}
	cell.Assert(c.Tree.Mark() == c.Core.Log.Snapshot, "tree at %v, snapshot at %v", c.Tree.Mark(), c.Core.Log.Snapshot)
	r.growth.size, r.growth.frozen = c.Snapshot.LastBytes, c.Core.Log.Snapshot.Index
	r.core = zab.New(c.Core, at.Now, &eff.Core)
	r.obey()
	for _, e := range eff.Core.Events {
		r.follow(at, e, eff)
	}
	eff.WakeAt = min(eff.WakeAt, eff.Core.WakeAt)
	r.woke = eff.WakeAt
	return r
}

// Step is the journey of a write, stations 3 to 8, for everything that came in; now was read
// after it came (L4).
func (r *Replica) Step(at Moment, in []Input, eff *Effects) {
	if r.ended != "" {
		eff.Fatal = r.ended
		return
	}
	r.late = at.Now.Sub(min(r.woke, at.Now))
	r.sort(in)
	r.stepCore(at, eff) // 5: what is durable at a quorum is committed; 6: the tree decides
	for _, x := range r.fromOut {
		r.fromClient(at, x, eff) // 3: what any replica can answer; the rest is for the master
	}
	for _, stream := range r.gone { // after its last words: its Hello may be among them
		r.streams.gone(stream)
	}
	r.stepMaster(at, eff)  // 3, 4, 7, 8: gate, rounds, replies
	for len(r.batch) > 0 { // 5: what it proposed
		r.stepCore(at, eff)
		r.stepMaster(at, eff)
	}
	r.readParked(at, eff)
	r.snapshot(eff)
	r.tellMembers(eff)
	r.complain(at.Now, eff)
	eff.WakeAt = min(eff.WakeAt, eff.Core.WakeAt, r.check.wake(r, at.Now))
	r.woke = eff.WakeAt
}

// sort puts each input in the queue of the machine that it is for.
func (r *Replica) sort(in []Input) {
	r.fromOut = r.fromOut[:0]
	for _, x := range in {
		switch x := x.(type) {
		case zab.Input:
			r.batch = append(r.batch, x)
		case Installed: // in its place: the disk's answers are in the order of what it was asked
			r.fresh = x.Tree
			r.batch = append(r.batch, zab.Persisted{Ticket: x.Ticket})
		case FromClient:
			r.fromOut = append(r.fromOut, x)
		case ClientGone:
			r.gone = append(r.gone, x.Stream)
		default:
			r.own = append(r.own, x)
		}
	}
}

// stepCore gives the core everything that waits for it, and follows what comes of it.
func (r *Replica) stepCore(at Moment, eff *Effects) {
	for _, x := range r.own {
		r.take(at, x, eff)
	}
	r.own = r.own[:0]
	commits, events := len(eff.Core.Commits), len(eff.Core.Events)
	r.core.Step(at.Now, zab.Batch(r.batch), &eff.Core)
	clear(r.batch)
	r.batch = r.batch[:0]
	news := eff.Core.Events[events:]
	for _, e := range news { // a new history comes before what is committed in it
		if x, ok := e.(zab.Restored); ok {
			r.restore(x, eff)
		}
	}
	for _, rec := range eff.Core.Commits[commits:] {
		r.apply(at, rec, eff)
	}
	for _, e := range news {
		r.follow(at, e, eff)
	}
}

// take obeys an input that is the replica's own.
func (r *Replica) take(at Moment, x Input, eff *Effects) {
	switch x := x.(type) {
	case SnapshotTaken:
		r.taken(x, eff)
	case SnapshotFailed:
		r.growth.taking = false
		switch {
		case x.Superseded:
		case x.Damaged:
			r.quarantine(at, x.Why, eff)
		default:
			r.end("a snapshot could not be written: "+x.Why, eff)
		}
	case Away:
		r.away[x.ID] = x.Why
	case Certificate:
		r.certificate = x.Ends
	case WantSnapshot:
		r.growth.wanted = true
	case Stop:
		r.handOver(at, "this replica is stopping", eff)
	default:
		cell.Assert(false, "an input of type %T", x)
	}
}

// apply is station 6: the tree decides, and the master, if this is one, is told.
func (r *Replica) apply(at Moment, rec record.Record, eff *Effects) {
	if r.ended != "" || r.suspect() { // what has rotted is replaced, and may not even bear it
		return
	}
	done, broken := r.applyTo(rec)
	if broken != "" {
		eff.Died = Death{At: rec.Zxid, Why: broken}
		r.end(broken, eff)
		return
	}
	if done.Fatal != "" {
		r.end(done.Fatal, eff)
		return
	}
	eff.Counts.Applied++
	if r.config.Audit {
		eff.Deeds = append(eff.Deeds, master.Deeds(r.tree, &done)...)
	}
	r.growth.log += int64(len(rec.Payload))
	if done.Members || done.Settings || done.Raised {
		r.obey()
	}
	if done.Raised {
		r.raised(eff)
	}
	if r.master != nil {
		r.applied = append(r.applied, &master.Applied{Applied: done})
	}
	r.pass(at, &done, eff)
	if r.master == nil {
		r.tree.Return(&done)
	}
}

// applyTo has the tree apply a record; broken says of which invariant it died, and where (B5).
func (r *Replica) applyTo(rec record.Record) (done tree.Applied, broken string) {
	defer func() {
		if p := recover(); p != nil {
			broken = fmt.Sprint(p)
		}
	}()
	if tx, ok := r.proposed.take(rec.Payload); ok {
		return r.tree.ApplyDecoded(rec, tx), ""
	}
	return r.tree.Apply(rec), ""
}

// obey makes the tree's settings those of the core (L3, Z17).
func (r *Replica) obey() {
	if r.tree.Born() {
		r.core.SetLengths(r.tree.Lengths())
		r.core.SetFormat(r.tree.Format())
		r.members.stale = true
	}
}

// end stops the replica for good (Z9).
func (r *Replica) end(why string, eff *Effects) {
	if r.ended == "" {
		r.ended, eff.Fatal = why, why
		eff.Lines = append(eff.Lines, Line{"error", "this replica ends: " + why})
	}
}
