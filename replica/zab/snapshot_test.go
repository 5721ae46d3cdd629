package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// A snapshot comes from a peer: the list in it counts votes as soon as it is installed.
func TestB5_ASnapshotWithAListOutOfBoundsIsNotInstalled(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 1)
	s.hears(2, &Snap{Epoch: 1, Attempt: 4})
	var list cell.Members
	for i := 1; i <= cell.MaxMembers+1; i++ {
		list = append(list, cell.Member{ID: cell.ReplicaID(i), Incarnation: cell.Incarnation(100 + i)})
	}
	mark := record.Mark{Index: 5, Zxid: cell.MakeZxid(1, 5)}
	s.step(SnapshotReceived{From: 2, Attempt: 4, Mark: mark, Members: list})
	s.pass(lease.Second)
	require.Zero(t, s.core.Last().Index)
	require.Zero(t, s.core.peer(2).link.number)
}

// A snapshot without a list is from before there was one: a list that the log had here goes with the log.
func TestZ15_AListOfAReplacedHistoryIsForgotten(t *testing.T) {
	c := soloConfig(3)
	list := cell.Members{{ID: 1, Incarnation: 101}, {ID: 2, Incarnation: 102}, {ID: 4, Incarnation: 104}}
	first := record.Make(1, cell.MakeZxid(1, 1), record.Members, simMembers(list))
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch, c.Hard.Begun = 1, 2, 1, true
	c.Log = record.Summary{First: 1, Last: first.Mark(), Epochs: []record.EpochEnd{{Epoch: 1, Last: first.Mark()}}}
	c.Lists = []List{{1, list}}
	s := newSolo(t, c)
	require.Equal(t, list, s.core.Members())
	s.meet(2, record.Voter)
	s.led(2, 2)
	s.hears(2, &Snap{Epoch: 2, Attempt: 4})
	s.step(SnapshotReceived{From: 2, Attempt: 4, Mark: record.Mark{Index: 5, Zxid: cell.MakeZxid(2, 5)}})
	require.Equal(t, uint64(5), s.core.Last().Index)
	require.Equal(t, c.Members, s.core.Members())
	require.False(t, s.core.Changing())
}
