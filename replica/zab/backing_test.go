package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// backedBy2 is replica 1 of three leading epoch 1 by the promise of 2 alone: whatever takes 2's vote away
// ends the lease at once, not with the next ping.
func backedBy2(t *testing.T) *solo {
	s := soloLeader(t)
	s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	require.NotZero(t, s.core.Lease(s.now))
	return s
}

func membersAre(ids ...cell.ReplicaID) Propose {
	var list cell.Members
	for _, id := range ids {
		list = append(list, cell.Member{ID: id, Incarnation: cell.Incarnation(100 + id)})
	}
	return Propose{record.Members, simMembers(list)}
}

func TestL9_ALeaseRestsOnNobodyInQuarantine(t *testing.T) {
	s := backedBy2(t)
	s.hears(2, &Hello{ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Format: cell.Format, Promised: true,
		Quarantined: true})
	require.Zero(t, s.core.Lease(s.now))
}

func TestZ14_ALeaseRestsOnNobodyWhoDiffers(t *testing.T) {
	s := backedBy2(t)
	s.step(Differs{2})
	require.Zero(t, s.core.Lease(s.now))
}

func TestZ15_ALeaseRestsOnBothListsFromTheLoggingOfTheNewer(t *testing.T) {
	s := backedBy2(t)
	s.hold = true // what the disk answers may make it count again
	s.step(membersAre(1, 3))
	require.Zero(t, s.core.Lease(s.now), "3 has promised nothing")
}

func TestZ15_ALeaseRestsOnTheNewerListFromItsCommitOn(t *testing.T) {
	s := newSolo(t, soloConfig(2))
	s.core.membersOf = simMembersOf(3)
	s.meet(2, record.Voter)
	s.hears(2, &Status{Role: RoleLooking, Abstain: true})
	for _, m := range []Message{&FollowerInfo{Ask: 1}, &AckEpoch{Epoch: 1}, &AckNewLeader{Epoch: 1}} {
		s.hears(2, m)
	}
	s.meet(3, record.Learner)
	for _, m := range []Message{&FollowerInfo{Ask: 1}, &AckEpoch{Epoch: 1}, &AckNewLeader{Epoch: 1}} {
		s.hears(3, m)
	}
	s.step(membersAre(1, 2, 3))
	require.True(t, s.core.Changing())
	s.hears(3, &Hello{ID: 3, Incarnation: 103, Boot: 1, Standing: record.Voter, Format: cell.Format})
	s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	older := s.core.Lease(s.now)
	require.NotZero(t, older)
	s.pass(s.core.pingEvery())
	s.hears(3, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	require.Equal(t, older, s.core.Lease(s.now), "of the older list 2 has promised last")
	s.hold = true // what the disk answers may make it count again
	s.hears(2, &Ack{Epoch: 1, Index: 1})
	require.False(t, s.core.Changing())
	require.Equal(t, older.Add(s.core.pingEvery()), s.core.Lease(s.now))
}

func TestL9_ADriftOfTheCellHoldsForTheLeaseThatRuns(t *testing.T) {
	s := backedBy2(t)
	before, more := s.core.Lease(s.now), scriptLengths()
	more.DriftPPM *= 5
	s.core.SetLengths(more)
	require.Less(t, s.core.Lease(s.now), before)
}

func TestL9_WhoHandsOverHasNoLeaseWhileNobodyHasEverything(t *testing.T) {
	s := backedBy2(t)
	s.step(Propose{record.Normal, []byte("1 1")})
	s.step(Resign{"asked to"})
	_, leads := s.core.Leading()
	require.True(t, leads, "nobody else has the transaction yet")
	require.Zero(t, s.core.Lease(s.now))
}

func TestL9_WhoIsAQuorumAloneKeepsTheLease(t *testing.T) {
	s := newSolo(t, soloConfig(1))
	s.pass(lease.Second)
	for range 100 {
		s.pass(s.core.pingEvery())
		require.Greater(t, s.core.Lease(s.now), s.now)
	}
}

func TestL9_ALeadershipWithoutBackingEndsWhenTheLeaseHasBeenOverForAsLong(t *testing.T) {
	s := backedBy2(t)
	end := s.core.Lease(s.now).Add(s.core.d)
	for s.now = s.core.wakeAt(); s.now < end; s.now = min(s.core.wakeAt(), end) {
		s.step(nil)
		require.Equal(t, leads, s.core.role, "at %v of %v", s.now, end)
	}
	s.step(nil)
	require.NotEqual(t, leads, s.core.role)
}

func TestL9_WhoseOwnAppendWaitsTwoSecondsGivesUp(t *testing.T) {
	s := backedBy2(t)
	s.hold = true
	s.step(Propose{record.Normal, []byte("1 1")})
	end := s.now.Add(diskPatience)
	for s.now < end {
		s.now = min(s.core.wakeAt(), end)
		require.Equal(t, leads, s.core.role, "at %v of %v", s.now, end)
		s.hears(2, &Pong{Epoch: 1, Number: s.core.pinged, Promised: true})
	}
	require.NotEqual(t, leads, s.core.role)
}

func TestZ3_AnAttemptThatNobodyJoinsEndsAtItsDeadline(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	require.Equal(t, leads, s.core.role)
	end := s.core.lead.deadline
	for ; s.now < end; s.now = min(s.core.wakeAt(), end) {
		s.step(nil)
		require.Equal(t, leads, s.core.role)
	}
	s.step(nil)
	require.NotEqual(t, leads, s.core.role)
}

// What a follower says of an epoch's history that nobody told it of counts for nothing (Z6, Z8).
func TestZ6_AnAckOfAnotherHistoryThanNewLeaderSaidCostsTheLink(t *testing.T) {
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
	s.hears(2, &AckNewLeader{Epoch: 1, Last: record.Mark{Index: 7, Zxid: cell.MakeZxid(1, 7)}})
	require.Zero(t, s.core.peer(2).link.number)
	require.Contains(t, s.evs, Event(DropLink{2, 2, "it acks the epoch's history up to 7@1.7, 0 was said"}))
	_, leads := s.core.Leading()
	require.False(t, leads)
}
