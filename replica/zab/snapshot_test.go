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
