package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// A leader whose append is on its way to the disk loses its followers: it tells no rank and
// follows nobody before the disk has answered, and then tells what is durable.
func TestZ10_NothingIsToldOrFollowedBeforeTheOldRoleIsDrained(t *testing.T) {
	s := soloLeader(t)
	s.hold = true
	s.step(Propose{record.Normal, []byte("1 1")})
	s.step(LinkDown{2, 2})
	s.step(LinkDown{3, 3})
	s.pass(lease.Second)
	require.Equal(t, looks, s.core.role)
	s.said = nil
	s.step(LinkUp{2, 12})
	s.step(Received{2, 12, &Hello{ID: 2, Incarnation: 102, Boot: 1, Standing: record.Voter, Format: cell.Format}})
	s.step(Received{2, 12, &Welcome{}})
	s.step(Received{2, 12, &Status{Role: RoleLeading, Leader: 2, Epoch: 2, Current: 2}})
	s.pass(lease.Second)
	_, told := last[*Status](s)
	_, asked := last[*FollowerInfo](s)
	require.False(t, told || asked, "the append may still become durable, or not")

	s.hold = false
	s.step(nil)
	s.step(Received{2, 12, &Status{Role: RoleLeading, Leader: 2, Epoch: 2, Current: 2}})
	status, told := last[*Status](s)
	require.True(t, told)
	require.Equal(t, record.Mark{Index: 1, Zxid: cell.MakeZxid(1, 1)}, status.Last)
	info, asked := last[*FollowerInfo](s)
	require.True(t, asked)
	require.Equal(t, status.Last, info.Last, "the tail is read after the disk has answered (Z2)")
}

// A new leader says that it leads only when everything of earlier epochs is delivered.
func TestZ8_LeadingIsSaidWhenAllOfBeforeIsDelivered(t *testing.T) {
	c := manyEpochs(3)
	tail := c.Log.Last
	c.Recent = nil // it must come from the disk
	s := newSolo(t, c)
	for id := cell.ReplicaID(2); id <= 3; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	s.hears(2, &FollowerInfo{Ask: 1, Accepted: 3, Current: 3, Last: tail, Epochs: c.Log.Epochs[2:]})
	s.hears(2, &AckEpoch{Epoch: 4, Current: 3, Last: tail})
	s.hold = true
	s.hears(2, &AckNewLeader{Epoch: 4, Last: tail})
	require.Equal(t, uint64(3), s.core.Committed())
	_, leading := s.core.Leading()
	require.False(t, leading, "nothing is delivered")
	require.Zero(t, s.core.Lease(s.now))
	var read ReadLog
	for _, op := range s.owed {
		if r, ok := op.(ReadLog); ok {
			read = r
		}
	}
	require.Equal(t, uint64(1), read.From)
	s.owed, s.hold = nil, false
	var rs []record.Record
	for i := 1; i <= 3; i++ {
		rs = append(rs, record.Make(uint64(i), cell.MakeZxid(cell.Epoch(i), 1), record.Normal, []byte("1 1")))
	}
	s.step(LogRead{read.Ticket, rs})
	e, leading := s.core.Leading()
	require.True(t, leading)
	require.Equal(t, cell.Epoch(4), e)
	require.Equal(t, tail, s.core.Delivered())
}

// currentEpoch is asked for when the history is durable, and acked when it is durable itself.
func TestZ1_TheAckFollowsTheHistoryAndThenTheEpoch(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 1)
	s.hears(2, &Diff{Epoch: 1})
	s.hold = true
	r := record.Make(1, cell.MakeZxid(1, 1), record.Normal, []byte("1 1"))
	s.hears(2, &Entries{Epoch: 1, Records: []record.Record{r}})
	s.hears(2, &NewLeader{Epoch: 1, Last: r.Mark()})
	require.Len(t, s.owed, 1, "the append alone is on its way")
	appended, ok := s.owed[0].(Append)
	require.True(t, ok)
	require.Zero(t, s.core.hard.CurrentEpoch)
	s.owed = nil
	s.step(Persisted{appended.Ticket})
	require.Len(t, s.owed, 1)
	saved, ok := s.owed[0].(SaveHard)
	require.True(t, ok)
	require.Equal(t, cell.Epoch(1), saved.Hard.CurrentEpoch)
	require.True(t, saved.Hard.Begun, "history has begun (Z11)")
	_, acked := last[*AckNewLeader](s)
	require.False(t, acked)
	s.owed, s.hold = nil, false
	s.step(Persisted{saved.Ticket})
	ack, acked := last[*AckNewLeader](s)
	require.True(t, acked)
	require.Equal(t, r.Mark(), ack.Last)
}

// What the disk answers for an old role moves what is durable, and acks nothing in the new one.
func TestZ6_PersistedNamesItsOwnAppend(t *testing.T) {
	s := soloLeader(t)
	s.hold = true
	s.step(Propose{record.Normal, []byte("1 1")})
	first, ok := s.owed[0].(Append)
	require.True(t, ok)
	s.owed = nil
	for range fullBatch { // which waits for no commit
		s.step(Propose{record.Normal, []byte("1 2")})
	}
	second, ok := s.owed[0].(Append)
	require.True(t, ok)
	require.Zero(t, s.core.Durable().Index)
	require.Panics(t, func() { s.core.Step(s.now, Persisted{second.Ticket}, &s.out) }, "answers come in order")
	s.core.Step(s.now, Persisted{first.Ticket}, &s.out)
	require.Equal(t, uint64(1), s.core.Durable().Index, "not the second, which memory has already")
	require.Equal(t, uint64(1+fullBatch), s.core.Last().Index)
}
