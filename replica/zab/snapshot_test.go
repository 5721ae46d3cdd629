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

// Z2: from when a snapshot is being put in the place of a longer log, the end of that log is told to nobody:
// the disk may have lost it before this replica hears so.
func TestZ2_WhatASnapshotReplacesIsNotToldAnyMore(t *testing.T) {
	at := func(i uint64) record.Mark { return record.Mark{Index: i, Zxid: cell.MakeZxid(5, uint32(i))} }
	c := soloConfig(3)
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch, c.Hard.Begun = 5, 2, 5, true
	c.Log = record.Summary{First: 1, Last: at(5), Epochs: []record.EpochEnd{{Epoch: 5, Last: at(5)}}}
	s := newSolo(t, c)
	s.meet(2, record.Voter)
	s.led(2, 6)
	s.hears(2, &Snap{Epoch: 6, Attempt: 4})
	s.hold = true
	s.step(SnapshotReceived{From: 2, Attempt: 4, Mark: at(3)})
	s.hears(2, &Status{Role: RoleLooking})
	require.Equal(t, at(3), s.core.status().Last)
	s.hold = false
	s.settle()
	require.Equal(t, at(3), s.core.Last())
	require.Contains(t, s.evs, Event(Restored{at(3)}))
}

// Z14, Z6: a leader may have counted what a replica acked before it was quarantined, so the snapshot that ends
// the quarantine holds all of that: else a quorum with its vote could lack what is committed.
func TestZ14_AQuarantineEndsWithAllThatWasAcked(t *testing.T) {
	s := soloLeader(t)
	s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	s.step(Propose{record.Normal, []byte("1 1")})
	end := s.core.Last()
	s.hears(3, &Status{Role: RoleLooking})
	s.hears(3, &FollowerInfo{Ask: 2, Accepted: 1, From: 1, Current: 1, Last: end, Anew: true,
		Epochs: []record.EpochEnd{{Epoch: 1, Last: end}}})
	s.hears(3, &AckEpoch{Epoch: 1, Current: 1, Last: end})
	s.step(Agrees{At: 1})
	offered := func() (least []uint64) {
		for _, op := range s.disk {
			if x, ok := op.(SendSnapshot); ok {
				least = append(least, x.Least)
			}
		}
		return least
	}
	require.Empty(t, offered(), "of what it acked record 1 is not delivered here")
	s.hears(2, &Ack{Epoch: 1, Index: 1})
	require.Equal(t, uint64(1), s.core.Committed())
	s.step(nil)
	require.Equal(t, []uint64{1}, offered())
}
