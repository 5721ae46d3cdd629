package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

func TestC7_OrderSeesCallsThatOvertake(t *testing.T) {
	require.Equal(t, "C7", broken(func(c *Court) {
		o := NewOrder(c, 1)
		o.Applied(2, cell.MakeZxid(1, 5))
		o.Applied(1, cell.MakeZxid(1, 6))
	}))
	require.Equal(t, "", broken(func(c *Court) {
		o := NewOrder(c, 1)
		o.Applied(2, cell.MakeZxid(1, 6))
		o.Applied(1, cell.MakeZxid(1, 5))
		o.Lost(3)
	}))
}

func TestC4_OrderSeesACallLostInTheMiddle(t *testing.T) {
	require.Equal(t, "C4", broken(func(c *Court) {
		o := NewOrder(c, 1)
		o.Applied(1, cell.MakeZxid(1, 5))
		o.Applied(3, cell.MakeZxid(1, 6))
		o.Lost(2)
	}))
}

func event(k call.EventKind, z uint32, generation uint64) call.Event {
	return call.Event{Kind: k, Zxid: cell.MakeZxid(1, z), Stat: cell.Stat{Instance: 7, ContentGeneration: generation,
		Checksum: cell.Checksum(nil)}}
}

func TestC9_FollowerSeesAMissingChange(t *testing.T) {
	follow := func(events ...call.Event) string {
		return broken(func(c *Court) {
			f := NewFollower(c, 1, "/ls/local/a")
			for _, e := range events {
				f.Event(e)
			}
		})
	}
	current, synced := event(call.EventCurrent, 1, 3), event(call.EventSynced, 1, 0)
	require.Equal(t, "", follow(current, synced, event(call.EventModified, 2, 4), event(call.EventDeleted, 3, 0)))
	require.Equal(t, "C9", follow(current, synced, event(call.EventModified, 3, 5)), "generation 4 is missing")
	require.Equal(t, "C9", follow(current, synced, event(call.EventModified, 2, 4),
		event(call.EventModified, 2, 4)), "twice")
	require.Equal(t, "C9", follow(current, synced, event(call.EventCreated, 2, 1)), "it was not deleted before")
	require.Equal(t, "", follow(current, synced, event(call.EventResync, 3, 0), event(call.EventCurrent, 9, 8),
		event(call.EventSynced, 9, 0), event(call.EventModified, 10, 9)))
}

func TestZ1_CourtSeesAcksBeforeTheDisk(t *testing.T) {
	disk := Durable{Hard: record.HardState{AcceptedEpoch: 5, CurrentEpoch: 4},
		Last: record.Mark{Index: 7, Zxid: cell.MakeZxid(4, 7)}}
	for rule, m := range map[string]zab.Message{
		"Z1": &zab.Ack{Epoch: 4, Index: 8}, "Z4": &zab.AckEpoch{Epoch: 6}, "Z6": &zab.Ack{Epoch: 5, Index: 7},
		"Z2": &zab.Status{Last: record.Mark{Index: 8}}, "": &zab.Ack{Epoch: 4, Index: 7},
	} {
		require.Equal(t, rule, broken(func(c *Court) { c.Said(1, m, disk) }))
	}
}
