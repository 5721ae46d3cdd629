package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

func TestZ15_ARecordOnAMinorityOfEitherListIsNotCommitted(t *testing.T) {
	list := func(ids ...cell.ReplicaID) (l cell.Members) {
		for _, id := range ids {
			l = append(l, cell.Member{ID: id, Incarnation: cell.Incarnation(id)})
		}
		return l
	}
	at := func(index uint64) record.Record {
		return record.Make(index, cell.MakeZxid(1, uint32(index)), record.Normal, nil)
	}
	on := func(index uint64, ids ...cell.Incarnation) (all []Durable) {
		for _, id := range ids {
			all = append(all, Durable{Hard: record.HardState{Incarnation: id}, Last: at(index).Mark()})
		}
		return all
	}
	begin := func() (*Court, *Members) {
		c := &Court{}
		m := NewMembers(c, list(1, 2, 3))
		m.Committed(at(1), list(1, 2, 3), on(1, 1, 2))
		require.Nil(t, c.Verdict())
		return c, m
	}
	c, m := begin()
	m.Committed(at(2), nil, on(2, 1, 9))
	require.Equal(t, "Z15", c.Verdict().Rule, "9 is in no list")
	c, m = begin()
	m.Committed(at(2), list(1, 4, 5), on(2, 1, 4, 5))
	require.Equal(t, "Z15", c.Verdict().Rule, "the old members count too")
	c, m = begin()
	m.Committed(at(2), list(1, 2, 4), on(2, 1, 2))
	m.Committed(at(3), nil, on(3, 1, 3))
	require.Equal(t, "Z15", c.Verdict().Rule, "3 was removed")
	c, m = begin()
	m.Lost(on(2, 3)[0])
	m.Committed(at(2), nil, on(2, 1))
	require.Nil(t, c.Verdict(), "it had it when it acked")
}
