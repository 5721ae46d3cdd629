package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// SnapshotPolicy says when a snapshot is taken: when the log since the last one exceeds
// LogBytes or twice the last snapshot, whichever is more.
type SnapshotPolicy struct {
	LogBytes  int64
	LogCount  uint64 // 0: no bound by count; else also after so many transactions
	LastBytes int64  // size of the newest snapshot on disk
}

// growth is how much log there is since the last snapshot.
type growth struct {
	log, size int64
	taking    bool
	wanted    bool        // by a follower, whatever the growth
	frozen    uint64      // index of the last freeze
	oldest    record.Mark // the oldest snapshot kept, while the log may still go behind it
}

// snapshot asks for one when the log has grown enough: replicas in turn, the master last, so
// that five of them do not stop to write at once.
func (r *Replica) snapshot(eff *Effects) {
	r.compact(eff)
	if r.growth.taking || !r.tree.Born() || r.ended != "" || r.suspect() {
		return
	}
	at, most := r.tree.Mark(), max(r.config.Snapshot.LogBytes, 2*r.growth.size)
	turn := int64(r.turn())
	due := r.growth.wanted || r.growth.log > most+most*turn/8
	if n := r.config.Snapshot.LogCount; n > 0 && at.Index-r.growth.frozen > n+n*uint64(turn)/8 {
		due = true
	}
	if !due {
		return
	}
	r.growth.taking, r.growth.wanted, r.growth.log, r.growth.frozen = true, false, 0, at.Index
	eff.Freeze, eff.Mark, eff.KeepOld = r.tree.Freeze(), at, r.check.disputed
}

// turn is this replica's place in the order of snapshots: the master is last.
func (r *Replica) turn() int {
	members := r.list()
	if r.master != nil {
		return len(members) - 1
	}
	turn := 0
	for _, m := range members {
		if m.ID < r.config.Core.ID && m.ID != r.core.Leader() {
			turn++
		}
	}
	return turn
}

// taken notes that a snapshot is there, and the oldest kept.
func (r *Replica) taken(x SnapshotTaken, eff *Effects) {
	cell.Assert(r.growth.taking, "a snapshot at %v that nobody asked for", x.Mark)
	r.growth.taking, r.growth.size = false, x.Bytes
	eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("snapshot at %v, %d bytes", x.Mark, x.Bytes)})
	r.growth.oldest = x.Oldest
}

// compact lets the log go behind the oldest snapshot, once this tree is known to be a quorum's at a
// point behind that (Z14).
func (r *Replica) compact(eff *Effects) {
	if g := &r.growth; g.oldest.Index > 0 && g.oldest.Index <= r.check.agreed && !r.check.disputed && !r.suspect() {
		eff.Compact = min(g.oldest.Index+1, r.core.KeepFrom())
		g.oldest = record.Mark{}
	}
}
