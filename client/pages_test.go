package client

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Locks come in pages; a lock that a page breaks off is one again, with its holders and waiters in their
// order. Each page is asked for by the last name of the one before, and how much of it was told.
func TestB2_LocksOfSeveralPagesAreJoined(t *testing.T) {
	lock := func(n cell.Name, holders, waiters []cell.SessionID) call.LockInfo {
		l := call.LockInfo{Name: n, Mode: cell.Shared}
		for _, id := range holders {
			l.Holders = append(l.Holders, call.Holder{Session: id,
				Sequencer: cell.Sequencer{Mode: cell.Shared, Grant: 5, Hold: uint64(id), Instance: 4, Name: n}})
		}
		for _, id := range waiters {
			l.Waiters = append(l.Waiters, call.Waiter{Session: id, Mode: cell.Exclusive})
		}
		return l
	}
	ids := func(all ...cell.SessionID) []cell.SessionID { return all }
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.set(func() {
			f.pages = []call.QueryReply{
				{Locks: &call.LocksReply{More: true, Told: 2, Locks: []call.LockInfo{lock("/ls/local/a", nil, nil),
					lock("/ls/local/b", ids(1, 2), nil)}}},
				{Locks: &call.LocksReply{More: true, Told: 4, Locks: []call.LockInfo{
					lock("/ls/local/b", ids(3), ids(4))}}},
				{Locks: &call.LocksReply{More: true, Locks: []call.LockInfo{
					lock("/ls/local/b", nil, ids(5))}}},
				{Locks: &call.LocksReply{Locks: []call.LockInfo{lock("/ls/local/c", ids(6), nil)}}},
			}
		})
		all, err := s.c.Locks(t.Context(), "/ls/local")
		require.NoError(t, err)
		told := ""
		for _, l := range all {
			told += l.Name + ":"
			for _, h := range l.Holders {
				told += fmt.Sprint(" ", uint64(h.Session))
			}
			for _, w := range l.Waiters {
				told += fmt.Sprint(" w", uint64(w.Session))
			}
			told += "\n"
		}
		require.Equal(t, "/ls/local/a:\n/ls/local/b: 1 2 3 w4 w5\n/ls/local/c: 6\n", told)
		ask := func(after cell.Name, told uint64) call.Ask {
			return &call.Locks{Prefix: "/ls/local", After: after, Told: told}
		}
		require.Equal(t, []call.Ask{ask("", 0), ask("/ls/local/b", 2), ask("/ls/local/b", 4), ask("/ls/local/b", 0)},
			f.asked)
	})
}

// Sessions come in pages; one of many names is one again.
func TestB2_SessionsOfSeveralPagesAreJoined(t *testing.T) {
	bubble(t, func(t *testing.T, f *fake, s *Session) {
		f.set(func() {
			f.pages = []call.QueryReply{
				{Sessions: &call.SessionsReply{More: true, Told: 3, Sessions: []call.SessionInfo{{ID: 1},
					{ID: 2, Locks: []cell.Name{"/ls/local/a", "/ls/local/b"}, Ephemerals: []cell.Name{"/ls/local/e"}}}}},
				{Sessions: &call.SessionsReply{More: true, Sessions: []call.SessionInfo{
					{ID: 2, Ephemerals: []cell.Name{"/ls/local/f"}}}}},
				{Sessions: &call.SessionsReply{Sessions: []call.SessionInfo{{ID: 3}}}},
			}
		})
		all, err := s.c.Sessions(t.Context())
		require.NoError(t, err)
		told := ""
		for _, x := range all {
			told += fmt.Sprintln(uint64(x.ID), x.Locks, x.Ephemerals)
		}
		require.Equal(t, "1 [] []\n2 [/ls/local/a /ls/local/b] [/ls/local/e /ls/local/f]\n3 [] []\n", told)
		require.Equal(t, []call.Ask{&call.Sessions{}, &call.Sessions{After: 2, Told: 3}, &call.Sessions{After: 2}},
			f.asked)
	})
}

// A list of several pages is that of one point of the history: it is begun anew when the child list
// changes between two pages, and given up when it always does.
func TestC6_AListOfSeveralPagesIsOfOnePoint(t *testing.T) {
	kid := func(n string) []cell.Stat { return []cell.Stat{{Name: cell.Name("/ls/local/d/" + n)}} }
	generations, asked := []uint64{1, 2, 2, 2}, 0
	page := func(ask *call.List) (*call.ListReply, error) {
		r := &call.ListReply{Parent: cell.Stat{Instance: 7, ChildrenGeneration: generations[min(asked, 3)]}}
		asked++
		switch ask.After {
		case "":
			r.Children, r.More = kid("a"), true
		case "a":
			r.Children, r.More = kid("b"), true
		default:
			r.Children = kid("c")
		}
		return r, nil
	}
	all, err := collect("/ls/local/d", 0, false, page)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, 5, asked, "two pages, and then three of one generation")

	turn := uint64(0)
	_, err = collect("/ls/local/d", 0, false, func(ask *call.List) (*call.ListReply, error) {
		turn++
		return &call.ListReply{Parent: cell.Stat{ChildrenGeneration: turn}, Children: kid("a"), More: true}, nil
	})
	require.ErrorIs(t, err, cell.ErrConflict)
	require.EqualValues(t, 2*listTries, turn)
}
