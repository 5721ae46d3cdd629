package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// A leader that says what it cannot say at this point of the synchronization, or what would remove what is
// committed, loses its link at once, is answered nothing, and moves nothing on the disk.
func TestB1_Z5_ALeaderThatSpeaksOutOfPlaceLosesItsLink(t *testing.T) {
	const e = 6
	at := func(i uint64) record.Mark { return record.Mark{Index: i, Zxid: cell.MakeZxid(5, uint32(i))} }
	end := at(5)
	next := record.Make(6, cell.MakeZxid(e, 1), record.Normal, nil)
	entries := func(e cell.Epoch, prev record.Mark) *Entries {
		return &Entries{Epoch: e, Prev: prev, Records: []record.Record{next}}
	}
	diff, named := &Diff{Epoch: e, After: end}, &NewLeader{Epoch: e, Last: end}
	for name, x := range map[string]struct {
		first []Message
		bad   Message
	}{
		"a diff of another epoch":           {nil, &Diff{Epoch: e + 1, After: end}},
		"a second diff":                     {[]Message{diff}, diff},
		"a diff of what is not here":        {nil, &Diff{Epoch: e, After: at(6)}},
		"a diff of another history":         {nil, &Diff{Epoch: e, After: record.Mark{Index: 5, Zxid: cell.MakeZxid(4, 5)}}},
		"a diff that removes the committed": {nil, &Diff{Epoch: e, After: at(3)}},
		"a snapshot of another epoch":       {nil, &Snap{Epoch: e + 1}},
		"a snapshot behind a diff":          {[]Message{diff}, &Snap{Epoch: e}},
		"entries before a diff":             {nil, entries(e, end)},
		"entries of another epoch":          {[]Message{diff}, entries(e+1, end)},
		"entries behind a gap":              {[]Message{diff}, entries(e, at(4))},
		"a name before a diff":              {nil, named},
		"a name of another end":             {[]Message{diff}, &NewLeader{Epoch: e, Last: at(4)}},
		"a name again":                      {[]Message{diff, named}, named},
		"up to date before a name":          {[]Message{diff}, &UpToDate{Epoch: e, Commit: 5}},
		"up to date in another epoch":       {[]Message{diff, named}, &UpToDate{Epoch: e + 1, Commit: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			c := soloConfig(3)
			c.Hard.AcceptedEpoch, c.Hard.AcceptedFrom, c.Hard.CurrentEpoch, c.Hard.Begun = 5, 2, 5, true
			c.Log = record.Summary{First: 1, Last: end, Epochs: []record.EpochEnd{{Epoch: 5, Last: end}}}
			s := newSolo(t, c)
			s.core.commit = 4
			s.meet(2, record.Voter)
			s.led(2, e)
			_, acked := last[*AckEpoch](s)
			require.True(t, acked)
			for _, m := range x.first {
				s.hears(2, m)
			}
			require.False(t, s.saw(DropLink{Peer: 2, Link: 2}))
			s.said, s.disk = nil, nil
			s.hears(2, x.bad)
			require.True(t, s.saw(DropLink{Peer: 2, Link: 2}))
			require.Empty(t, s.disk)
			require.Equal(t, end, s.core.log.last)
			for _, said := range s.said {
				require.NotEqual(t, cell.ReplicaID(2), said.To, "%T", said.Msg)
			}
		})
	}
}

// saw reports whether a link was dropped, whatever the reason.
func (s *solo) saw(want DropLink) bool {
	for _, e := range s.evs {
		if d, ok := e.(DropLink); ok && d.Peer == want.Peer && d.Link == want.Link {
			return true
		}
	}
	return false
}

// A follower that serves takes up the commit point that comes with entries: it waits for no other word.
func TestZ6_EntriesCarryTheCommitPoint(t *testing.T) {
	s := newSolo(t, soloConfig(3))
	s.meet(2, record.Voter)
	s.led(2, 5)
	rec := func(i uint32) record.Record { return record.Make(uint64(i), cell.MakeZxid(5, i), record.Normal, nil) }
	one, two := rec(1), rec(2)
	s.hears(2, &Diff{Epoch: 5})
	s.hears(2, &NewLeader{Epoch: 5})
	s.hears(2, &Entries{Epoch: 5, Records: []record.Record{one}, Commit: 1})
	require.Zero(t, s.core.commit, "it is not up to date")
	s.hears(2, &UpToDate{Epoch: 5})
	require.Zero(t, s.core.commit)
	s.hears(2, &Entries{Epoch: 5, Prev: one.Mark(), Records: []record.Record{two}, Commit: 1})
	require.Equal(t, uint64(1), s.core.delivered.Index)
}

// Who stands in the file and in no list is known all the same, and not as a stranger, who is forgotten.
func TestZ15_WhoStandsInTheFileOnlyIsNoStranger(t *testing.T) {
	c := soloConfig(4)
	end := record.Mark{Index: 1, Zxid: cell.MakeZxid(1, 1)}
	c.Log = record.Summary{First: 1, Last: end, Epochs: []record.EpochEnd{{Epoch: 1, Last: end}}}
	c.Hard.AcceptedEpoch, c.Hard.CurrentEpoch, c.Hard.Begun, c.Hard.ListCommitted = 1, 1, true, 1
	c.Lists = []List{{Index: 1, Members: c.Members[:3]}}
	s := newSolo(t, c)
	require.Empty(t, s.core.dead)
	require.NotNil(t, s.core.peer(4))
	require.False(t, s.core.peer(4).stranger)
}
