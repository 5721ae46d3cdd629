package quorum

import (
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
)

func list(ids ...cell.ReplicaID) cell.Members {
	var m cell.Members
	for _, id := range ids {
		m = append(m, cell.Member{ID: id, Incarnation: cell.Incarnation(id) * 10})
	}
	return m
}

// dumbIndex tries every index: the slow twin of Index.
func dumbIndex(v Voters, at func(cell.Member) uint64) uint64 {
	var tried []uint64
	for _, m := range append(append(cell.Members{}, v.New...), v.Old...) {
		tried = append(tried, at(m))
	}
	sort.Slice(tried, func(i, j int) bool { return tried[i] > tried[j] })
	for _, x := range tried {
		if v.Reached(func(m cell.Member) bool { return at(m) >= x }) {
			return x
		}
	}
	return 0
}

func TestZ15_CommitNeedsBothQuorums(t *testing.T) {
	v := Voters{New: list(1, 2, 3), Old: list(3, 4, 5)}
	acked := map[cell.ReplicaID]uint64{1: 9, 2: 9, 3: 9, 4: 5, 5: 2}
	require.Equal(t, uint64(5), v.Index(func(m cell.Member) uint64 { return acked[m.ID] }))
	v.Old = nil
	require.Equal(t, uint64(9), v.Index(func(m cell.Member) uint64 { return acked[m.ID] }))
}

func TestZ15_OneIdMayCountInOneListOnly(t *testing.T) {
	v := Voters{New: list(1, 2, 3), Old: list(1, 2, 3)}
	v.New[2].Incarnation = 77 // the emptied replica's new directory
	yes := func(m cell.Member) bool { return m.ID == 1 || m.Incarnation == 77 }
	require.False(t, v.Reached(yes))
	require.Equal(t, []cell.ReplicaID{2, 3}, v.Missing(yes))
}

func TestEmptyListIsNeverReached(t *testing.T) {
	require.False(t, Voters{}.Reached(func(cell.Member) bool { return true }))
}

func TestIndexAgreesWithItsDumbTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := Voters{New: draw(t, "new", 1), Old: draw(t, "old", 0)}
		acked := map[cell.ReplicaID]uint64{}
		for id := cell.ReplicaID(1); id <= 9; id++ {
			acked[id] = rapid.Uint64Range(0, 6).Draw(t, "acked")
		}
		at := func(m cell.Member) uint64 { return acked[m.ID] }
		require.Equal(t, dumbIndex(v, at), v.Index(at))
	})
}

func draw(t *rapid.T, name string, least int) cell.Members {
	ids := rapid.SliceOfNDistinct(rapid.Uint32Range(1, 9), least, 7, rapid.ID).Draw(t, name)
	var m cell.Members
	for _, id := range ids {
		m = append(m, cell.Member{ID: cell.ReplicaID(id)})
	}
	return m
}
