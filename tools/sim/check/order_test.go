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

func event(k call.EventKind, name cell.Name, z uint32, generation uint64) call.Event {
	return call.Event{Kind: k, Name: name, Zxid: cell.MakeZxid(1, z), Stat: cell.Stat{Instance: 7,
		ContentGeneration: generation, Checksum: cell.Checksum(nil)}}
}

func TestC9_FollowerSeesWhatIsMissingOrTwice(t *testing.T) {
	const a, b = cell.Name("/ls/local/a"), cell.Name("/ls/local/a/b")
	history := []call.Event{event(call.EventCreated, a, 1, 1), event(call.EventModified, a, 2, 2),
		event(call.EventCreated, b, 3, 1), event(call.EventChildren, a, 3, 2), event(call.EventModified, a, 4, 3),
		event(call.EventDeleted, b, 5, 1)}
	current, synced, resync := event(call.EventCurrent, a, 2, 2), event(call.EventSynced, a, 2, 0),
		event(call.EventResync, a, 9, 0)
	begun := []call.Event{current, synced}
	one, all := Scope{Name: a}, Scope{Name: a, Recursive: true}
	for what, x := range map[string]struct {
		scope Scope
		told  []call.Event
	}{
		"fine: one name":                 {one, append(begun[:2:2], history[3], history[4])},
		"fine: all below":                {all, append(begun[:2:2], history[2], history[4], history[5])},
		"fine: a resync":                 {one, []call.Event{current, synced, resync, current, synced, history[3]}},
		"one is missing":                 {one, append(begun[:2:2], history[4])},
		"twice":                          {one, append(begun[:2:2], history[3], history[3])},
		"out of scope":                   {one, append(begun[:2:2], history[2])},
		"other contents":                 {one, append(begun[:2:2], history[3], event(call.EventModified, a, 4, 9))},
		"before it was synced":           {one, []call.Event{current, history[3]}},
		"an older state":                 {one, []call.Event{event(call.EventCurrent, a, 1, 1), synced}},
		"a state with something missing": {all, []call.Event{current, event(call.EventSynced, a, 3, 0)}},
		"a state with something gone": {all, []call.Event{current, event(call.EventCurrent, b, 3, 1),
			event(call.EventSynced, a, 5, 0)}},
	} {
		got := broken(func(c *Court) {
			feed := NewFeed()
			for _, c := range history {
				feed.Add(c)
			}
			f := NewFollower(c, 1, feed, x.scope)
			for _, e := range x.told {
				f.Event(e)
			}
		})
		require.Equal(t, what[:5] == "fine:", got == "", what)
	}
}

func TestC9_FollowerKnowsWhatIsOwed(t *testing.T) {
	feed := NewFeed()
	f := NewFollower(&Court{}, 1, feed, Scope{Name: "/ls/local/a"})
	require.False(t, f.Synced())
	f.Event(event(call.EventSynced, "/ls/local/a", 1, 0))
	require.True(t, f.Synced())
	feed.Add(event(call.EventCreated, "/ls/local/b", 2, 1))
	_, owed := f.Owes()
	require.False(t, owed)
	feed.Add(event(call.EventCreated, "/ls/local/a", 3, 1))
	e, owed := f.Owes()
	require.True(t, owed)
	require.Equal(t, cell.MakeZxid(1, 3), e.Zxid)
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
