package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// The record that gave this directory its vote is cut off. Peers refuse, for good, a voter whose
// list does not name it: nothing is said before the vote is given back durably.
func TestZ11_AVoteThatWasCutOffIsNotClaimed(t *testing.T) {
	c := soloConfig(3)
	before := cell.Members{{ID: 1, Incarnation: 900}, {ID: 2, Incarnation: 102}, {ID: 3, Incarnation: 103}}
	after := cell.Members{{ID: 1, Incarnation: 101}, {ID: 2, Incarnation: 102}, {ID: 3, Incarnation: 103}}
	first := record.Make(1, cell.MakeZxid(1, 1), record.Members, simMembers(before))
	second := record.Make(2, cell.MakeZxid(1, 2), record.Members, simMembers(after))
	c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch = 1, 2, 1
	c.Hard.Begun, c.Hard.ListCommitted = true, 1
	c.Log = record.Summary{First: 1, Last: second.Mark(), Epochs: []record.EpochEnd{{Epoch: 1, Last: second.Mark()}}}
	c.Lists = []List{{1, before}, {2, after}}
	s := newSolo(t, c)
	s.meet(2, record.Voter)
	s.led(2, 2)
	s.said, s.hold = nil, true
	s.hears(2, &Diff{Epoch: 2, After: first.Mark()})
	require.Equal(t, record.Learner, s.core.hard.Standing)
	s.step(LinkUp{3, 3})
	hello, said := last[*Hello](s)
	require.False(t, said, "%+v", hello)
	s.hold = false
	s.step(nil)
	for _, m := range s.said {
		if hello, ok := m.Msg.(*Hello); ok {
			require.Equal(t, record.Learner, hello.Standing)
			require.Equal(t, uint64(1), hello.List)
		}
	}
	_, said = last[*Hello](s)
	require.True(t, said)
}
