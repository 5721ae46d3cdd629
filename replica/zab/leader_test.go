package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// soloLeader is replica 1 leading epoch 1 with 2 and 3 behind it.
func soloLeader(t *testing.T) *solo {
	s := newSolo(t, soloConfig(3))
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.hears(id, &FollowerInfo{Ask: 1})
	}
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.hears(id, &AckEpoch{Epoch: 1})
	}
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.hears(id, &AckNewLeader{Epoch: 1})
	}
	e, ok := s.core.Leading()
	require.True(t, ok)
	require.Equal(t, cell.Epoch(1), e)
	return s
}

// Of two that gather at once the one behind gives way, at once or when it has stopped avoiding the
// other; else each waits for the other's ask until both give up.
func TestZ3_OfTwoThatGatherTheOneBehindGivesWay(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	require.Equal(t, leads, s.core.role)
	same := &Status{Role: RoleJoining, Leader: 3}
	s.hears(3, same)
	require.Equal(t, leads, s.core.role, "who is not ahead may follow us")
	s.core.peer(2).avoid = s.now.Add(300 * lease.Millisecond)
	ahead := record.Mark{Index: 4, Zxid: cell.MakeZxid(1, 4)}
	s.hears(2, &Status{Role: RoleJoining, Leader: 2, Current: 1, Last: ahead})
	require.Equal(t, leads, s.core.role, "it did not lead a moment ago")
	require.Equal(t, s.core.peer(2).avoid, s.core.wakeAt(), "then it looks again")
	s.pass(300 * lease.Millisecond)
	require.NotEqual(t, leads, s.core.role)
}

func TestZ3_WhoGathersGivesWayToAVoterAheadAndNotToALearner(t *testing.T) {
	end := record.Mark{Index: 4, Zxid: cell.MakeZxid(1, 4)}
	ahead := &FollowerInfo{Ask: 1, Accepted: 1, Current: 1, Last: end, Epochs: []record.EpochEnd{{Epoch: 1, Last: end}}}
	for standing, want := range map[record.Standing]role{record.Voter: looks, record.Learner: leads} {
		s := newSolo(t, soloConfig(4))
		for id := cell.ReplicaID(2); id <= 3; id++ {
			s.meet(id, record.Voter)
			s.hears(id, &Status{Role: RoleLooking, Abstain: true})
		}
		s.meet(4, standing)
		for s.core.role != leads {
			s.pass(10 * lease.Millisecond)
			require.Less(t, s.now, lease.Instant(3e9))
		}
		s.hears(4, ahead)
		require.Equal(t, want, s.core.role)
	}
}

func TestZ6_OnlyVotersThatAckedNewLeaderCommit(t *testing.T) {
	s := soloLeader(t)
	s.step(Propose{record.Normal, []byte("1 1")})
	require.Equal(t, uint64(0), s.core.Committed(), "one of three has it")
	s.hears(2, &Progress{Epoch: 1, Index: 1})
	require.Equal(t, uint64(0), s.core.Committed(), "progress is no ack")
	s.hears(2, &Ack{Epoch: 1, Index: 1})
	require.Equal(t, uint64(1), s.core.Committed())
}

func TestZ6_AnAckOfWhatWasNotSentCostsTheLink(t *testing.T) {
	s := soloLeader(t)
	s.step(Propose{record.Normal, []byte("1 1")})
	s.hears(2, &Progress{Epoch: 1, Index: 2}) // the next to be sent
	require.Equal(t, uint64(0), s.core.Committed())
	require.Equal(t, uint64(0), s.core.peer(2).link.number)
	s.hears(3, &Ack{Epoch: 1, Index: 1})
	require.Equal(t, uint64(1), s.core.Committed(), "the last that was sent")
	require.NotZero(t, s.core.peer(3).link.number)
	s.hears(3, &Ack{Epoch: 1, Index: 7})
	require.Equal(t, uint64(1), s.core.Committed())
	require.Zero(t, s.core.peer(3).link.number)
}

func TestL9_TheLeaseCountsFromTheSendingOfThePing(t *testing.T) {
	s := soloLeader(t)
	require.Equal(t, lease.Instant(0), s.core.Lease(s.now), "nobody has promised yet")
	sent, number := s.now, s.core.pinged
	s.pass(50 * lease.Millisecond)
	s.hears(2, &Pong{Epoch: 1, Number: number, Promised: true})
	full := lease.Claim{Sent: sent, Length: 600 * lease.Millisecond}.Until(10_000, s.core.margin())
	require.Equal(t, full, s.core.Lease(s.now))
}

func TestL9_NoPongRevivesAMastershipThatWasGivenUp(t *testing.T) {
	s := soloLeader(t)
	s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	require.NotZero(t, s.core.Lease(s.now))
	s.said = nil
	s.step(Resign{"asked to"})
	require.Zero(t, s.core.Lease(s.now))
	release, ok := last[*Release](s)
	require.True(t, ok)
	require.Equal(t, cell.Epoch(1), release.Epoch)
	s.hears(3, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	require.Zero(t, s.core.Lease(s.now))
}

// Ids are any numbers from 1: none may pass for the vote of another.
func TestL9_NoIDIsTakenForAnother(t *testing.T) {
	for _, id := range []cell.ReplicaID{1 << 16, 1<<16 + 1, 2<<16 + 1, 1<<31 + 2, 1<<32 - 1} {
		c := soloConfig(3)
		c.ID, c.Members[0].ID = id, id
		c.Members = append(c.Members[1:], c.Members[0])
		s := newSolo(t, c)
		for peer := cell.ReplicaID(2); peer <= 3; peer++ {
			s.meet(peer, record.Voter)
			s.hears(peer, &Status{Role: RoleLooking, Abstain: true})
		}
		for peer := cell.ReplicaID(2); peer <= 3; peer++ {
			s.hears(peer, &FollowerInfo{Ask: 1})
			s.hears(peer, &AckEpoch{Epoch: 1})
			s.hears(peer, &AckNewLeader{Epoch: 1})
		}
		_, ok := s.core.Leading()
		require.True(t, ok)
		require.Zero(t, s.core.Lease(s.now), "nobody has promised replica %d anything", id)
		for _, p := range s.core.peers {
			require.NotEqual(t, ballot(id), p.key())
		}
		s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
		require.NotZero(t, s.core.Lease(s.now))
	}
}

func TestL9_ALearnersPongIsNoPromise(t *testing.T) {
	s := soloLeader(t)
	s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: false})
	require.Zero(t, s.core.Lease(s.now))
}

// A follower that is up to date has one small batch on its way; what comes meanwhile goes as the next.
func TestZ6_BatchesGrowWhileOneIsOnItsWay(t *testing.T) {
	s := soloLeader(t)
	s.step(Propose{record.Normal, []byte("1 1")})
	s.said = nil
	s.step(Propose{record.Normal, []byte("1 2")})
	s.step(Propose{record.Normal, []byte("1 3")})
	_, ok := last[*Entries](s)
	require.False(t, ok, "the first is not durable anywhere yet")
	s.hears(2, &Ack{Epoch: 1, Index: 1})
	m, ok := last[*Entries](s)
	require.True(t, ok)
	require.Len(t, m.Records, 2)
	s.said = nil
	for range fullBatch {
		s.step(Propose{record.Normal, []byte("1 4")})
	}
	m, ok = last[*Entries](s)
	require.True(t, ok, "a full batch waits for none")
	require.Equal(t, uint64(3+fullBatch), m.Records[len(m.Records)-1].Index)
}

// Nor does anybody, the leader's own disk included, get ahead of the commit by a small batch.
func TestZ6_BatchesGrowUntilTheOneBeforeIsCommitted(t *testing.T) {
	s := soloLeader(t)
	s.step(Propose{record.Normal, []byte("1 1")})
	s.hears(2, &Ack{Epoch: 1, Index: 1})
	s.hold = true
	s.step(Propose{record.Normal, []byte("1 2")})
	require.Len(t, s.owed, 1)
	before, ok := s.owed[0].(Append)
	require.True(t, ok)
	s.owed, s.said = nil, nil
	s.step(Propose{record.Normal, []byte("1 3")})
	s.hears(2, &Ack{Epoch: 1, Index: 2})
	s.step(Propose{record.Normal, []byte("1 4")})
	_, sent := last[*Entries](s)
	require.False(t, sent, "the leader's own disk has not answered: the second is not committed")
	require.Empty(t, s.owed)
	s.step(Persisted{before.Ticket})
	m, sent := last[*Entries](s)
	require.True(t, sent)
	require.Len(t, m.Records, 2)
	require.Len(t, s.owed, 1)
	next, ok := s.owed[0].(Append)
	require.True(t, ok)
	require.Len(t, next.Records, 2)
}

func TestZ7_OnlyTheSnapshotThatWasOfferedIsGoneOnFrom(t *testing.T) {
	s := soloLeader(t)
	for i := uint64(1); i <= 3; i++ {
		s.step(Propose{record.Normal, []byte("1 1")})
		s.hears(2, &Ack{Epoch: 1, Index: i})
	}
	s.step(Compacted{First: 3, Snapshot: record.Mark{Index: 2, Zxid: cell.MakeZxid(1, 2)}})
	s.hears(3, &FollowerInfo{Ask: 2}) // emptied, and back
	s.hears(3, &AckEpoch{Epoch: 1})
	snap, ok := last[*Snap](s)
	require.True(t, ok)
	require.Equal(t, uint64(3), s.core.KeepFrom(), "the log behind whatever is offered is kept")
	s.step(SnapshotOffered{3, snap.Attempt, record.Mark{Index: 2, Zxid: cell.MakeZxid(1, 2)}})
	s.said = nil
	s.step(Propose{record.Normal, []byte("1 1")})
	for _, m := range s.said {
		require.False(t, m.To == 3, "nothing but pings until the snapshot is durable: %T", m.Msg)
	}
	s.hears(3, &SnapshotDurable{Epoch: 1, Attempt: snap.Attempt, Mark: record.Mark{Index: 1, Zxid: cell.MakeZxid(1, 1)}})
	require.Equal(t, uint64(0), s.core.peer(3).link.number, "another snapshot than the one offered")
}

func TestZ15_ATruncatedListIsObeyedNoMore(t *testing.T) {
	c := soloConfig(3)
	first := record.Make(1, cell.MakeZxid(1, 1), record.Normal, []byte("1 1"))
	second := record.Make(2, cell.MakeZxid(1, 2), record.Members, nil)
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch, c.Hard.Begun = 1, 2, 1, true
	c.Log = record.Summary{First: 1, Last: second.Mark(), Epochs: []record.EpochEnd{{Epoch: 1, Last: second.Mark()}}}
	c.Lists = []List{{0, c.Members}, {2, c.Members[:1]}}
	s := newSolo(t, c)
	require.Len(t, s.core.Members(), 1)
	s.meet(2, record.Voter)
	s.led(2, 2)
	s.hears(2, &Diff{Epoch: 2, After: first.Mark()})
	require.Equal(t, first.Mark(), s.core.Durable())
	require.Len(t, s.core.Members(), 3, "the list before it is in force again")
	require.False(t, s.core.Changing())
}

// The first list of all, found in the log at a start, is cut off like any other.
func TestZ15_ATruncatedFirstListIsObeyedNoMore(t *testing.T) {
	c := soloConfig(3)
	first := record.Make(1, cell.MakeZxid(1, 1), record.Members, nil)
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch, c.Hard.Begun = 1, 2, 1, true
	c.Log = record.Summary{First: 1, Last: first.Mark(), Epochs: []record.EpochEnd{{Epoch: 1, Last: first.Mark()}}}
	c.Lists = []List{{1, c.Members[:1]}}
	s := newSolo(t, c)
	require.True(t, s.core.Changing())
	require.Len(t, s.core.voters().Old, 3, "until it is known to be committed the file's counts too")
	s.meet(2, record.Voter)
	s.led(2, 2)
	s.hears(2, &Diff{Epoch: 2})
	require.Zero(t, s.core.Durable().Index)
	require.Len(t, s.core.Members(), 3)
	require.False(t, s.core.lists.bound())
}

func TestZ13_AFollowerWithALaterEpochMakesTheSittingLeaderOpenALaterOne(t *testing.T) {
	s := soloLeader(t)
	s.hears(3, &FollowerInfo{Ask: 2, Accepted: 7, From: 2})
	offer, ok := last[*NewEpoch](s)
	require.True(t, ok)
	require.Equal(t, cell.Epoch(8), offer.Epoch)
	e, ok := s.core.Leading()
	require.True(t, ok)
	require.Equal(t, cell.Epoch(1), e, "until it is open, proposals wait")
	s.step(Propose{record.Normal, []byte("1 1")})
	require.Equal(t, uint64(0), s.core.Last().Index)
	s.hears(2, &AckEpoch{Epoch: 8, Current: 1})
	s.hears(2, &AckNewLeader{Epoch: 8})
	require.Contains(t, s.evs, Event(Rolled{8}))
	require.Equal(t, cell.MakeZxid(8, 1), s.core.Last().Zxid)
}
