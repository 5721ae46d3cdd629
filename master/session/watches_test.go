package session

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// The index finds what asking every watch in turn would find, each once.
func TestC9_TheIndexFindsWhatAskingAllWould(t *testing.T) {
	names := []cell.Name{"/ls/x", "/ls/x/a", "/ls/x/a/b", "/ls/x/a/b/c", "/ls/x/ab", "/ls/x/a-b"}
	rapid.Check(t, func(t *rapid.T) {
		ws := NewWatches()
		type key struct {
			s  cell.SessionID
			id uint64
		}
		all := map[key]*Watch{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			k := key{cell.SessionID(rapid.IntRange(1, 3).Draw(t, "session")), uint64(rapid.IntRange(1, 4).Draw(t, "id"))}
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				require.Equal(t, all[k], ws.Remove(k.s, k.id))
				delete(all, k)
			case 1:
				ws.Drop(k.s)
				for id := range uint64(5) {
					delete(all, key{k.s, id})
				}
			default:
				w := &Watch{Session: k.s, ID: k.id, Name: rapid.SampledFrom(names).Draw(t, "name"),
					Children: rapid.Bool().Draw(t, "children"), Recursive: rapid.Bool().Draw(t, "recursive")}
				ws.Add(w)
				all[k] = w
			}
			name := rapid.SampledFrom(names).Draw(t, "changed")
			kind := rapid.SampledFrom([]call.EventKind{call.EventModified, call.EventChildren}).Draw(t, "kind")
			var want []*Watch
			for _, w := range all {
				if w.Matches(name, kind) {
					want = append(want, w)
				}
			}
			require.ElementsMatch(t, want, ws.Match(name, kind, nil))
		}
	})
}

func TestC9_WhatAWatchTellsOf(t *testing.T) {
	plain := &Watch{Name: "/ls/x/a"}
	kids := &Watch{Name: "/ls/x/a", Children: true}
	all := &Watch{Name: "/ls/x/a", Recursive: true}
	for _, c := range []struct {
		w    *Watch
		name cell.Name
		kind call.EventKind
		want bool
	}{
		{plain, "/ls/x/a", call.EventModified, true},
		{plain, "/ls/x/a", call.EventChildren, true},
		{plain, "/ls/x/a/b", call.EventCreated, false},
		{kids, "/ls/x/a", call.EventChildren, false},
		{kids, "/ls/x/a", call.EventDeleted, true},
		{kids, "/ls/x/a/b", call.EventCreated, true},
		{kids, "/ls/x/a/b/c", call.EventCreated, false},
		{all, "/ls/x/a/b/c", call.EventCreated, true},
		{all, "/ls/x/ab", call.EventCreated, false},
		{all, "/ls/x/a/b", call.EventChildren, false},
	} {
		require.Equal(t, c.want, c.w.Matches(c.name, c.kind), "%+v %s %v", c.w, c.name, c.kind)
	}
}
