package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// The replicas take their snapshots in turn, the master last, and each lets its log go behind
// the oldest that it keeps.
func TestZ12_SnapshotsAreTakenInTurnTheMasterLast(t *testing.T) {
	g := newRig(t, 5)
	g.policy = SnapshotPolicy{LogCount: 80, LogBytes: 1 << 30}
	g.start()
	g.pass(5 * lease.Second)
	g.at(5).step(Stop{}) // so that the master is not the last by its number as well
	g.pass(5 * lease.Second)
	require.NotEqual(t, g.at(5).id, g.master().id)
	w := g.writer(1)
	var order []*played
	for len(order) < 5 {
		w.writes(1, 10)
		for _, p := range g.all {
			if len(p.frozen) == 1 && !has(order, p) {
				order = append(order, p)
			}
		}
		require.Less(t, len(order), 6)
	}
	require.Equal(t, g.master().id, order[4].id)
	g.pass(3 * markerWithin) // a quorum has agreed behind the snapshots, and the log says so (Z14)
	marks := map[record.Mark]bool{}
	for _, p := range order {
		require.False(t, marks[p.frozen[0]], "two replicas stopped to write at %v", p.frozen[0])
		marks[p.frozen[0]] = true
		require.Equal(t, p.frozen[0].Index+1, p.compact)
		require.Equal(t, 1, p.said("snapshot at "))
	}
	g.same()
}

func has(list []*played, p *played) bool {
	for _, q := range list {
		if q == p {
			return true
		}
	}
	return false
}

// By bytes: a snapshot is due when the log since the last exceeds the setting or twice the last
// snapshot, whichever is more; never two at once.
func TestZ12_SnapshotsFollowTheLogsGrowth(t *testing.T) {
	g := newRig(t, 1)
	g.policy = SnapshotPolicy{LogBytes: 10_000}
	g.start()
	g.pass(lease.Second)
	w := g.writer(1)
	m := g.master()
	w.writes(9, 1000)
	require.Empty(t, m.frozen)
	m.hold = true
	w.writes(30, 1000)
	require.Len(t, m.frozen, 1, "one is being written")
	m.step(SnapshotTaken{Mark: m.frozen[0], Oldest: m.frozen[0], Bytes: 16_000})
	require.Len(t, m.frozen, 1, "29,000 bytes are less than twice 16,000")
	w.writes(5, 1000)
	require.Len(t, m.frozen, 2)
}

// A restart counts from the snapshot that it stands on: it does not begin with another.
func TestZ12_ARestartDoesNotBeginWithASnapshot(t *testing.T) {
	g := newRig(t, 1)
	g.policy = SnapshotPolicy{LogCount: 50, LogBytes: 1 << 30}
	g.start()
	g.pass(lease.Second)
	w := g.writer(1)
	w.writes(60, 10)
	m := g.master()
	require.Len(t, m.frozen, 1)
	m.cut()
	m.start()
	g.pass(5 * lease.Second)
	require.Equal(t, m.id, g.master().id)
	require.Len(t, m.frozen, 1)
}
