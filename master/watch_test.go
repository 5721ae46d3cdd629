package master

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// current, synced, then every change in order, through deletion and creation anew.
func TestC9_AWatchTellsEveryChange(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w")
	w.must(create("/ls/x/a"))
	require.Zero(t, c.ask(&call.Watch{ID: 1, Name: "/ls/x/a"}).Code)
	w.must(put("/ls/x/a", "v2"))
	w.must(create("/ls/x/a/k"))
	w.must(&call.Delete{Name: "/ls/x/a/k"})
	w.must(&call.Delete{Name: "/ls/x/a"})
	w.must(create("/ls/x/a"))
	w.must(create("/ls/x/ab"))
	require.Equal(t, []string{"current /ls/x/a v1", "synced /ls/x/a ", "modified /ls/x/a v2", "children /ls/x/a ",
		"children /ls/x/a ", "deleted /ls/x/a ", "created /ls/x/a v1"}, c.events(1))
	require.Zero(t, c.ask(&call.Unwatch{ID: 1}).Code)
	n := len(c.events(1))
	w.must(put("/ls/x/a", "v3"))
	require.Len(t, c.events(1), n)
}

// With children, or recursive, those tell of themselves under their own names.
func TestC9_ChildrenAndAllBelow(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w")
	for _, n := range []string{"/ls/x/d", "/ls/x/d/a", "/ls/x/d/a/deep", "/ls/x/d-not"} {
		w.must(create(n))
	}
	c.ask(&call.Watch{ID: 1, Name: "/ls/x/d", Children: true})
	c.ask(&call.Watch{ID: 2, Name: "/ls/x/d", Recursive: true})
	w.must(put("/ls/x/d/a/deep", "v2"))
	w.must(create("/ls/x/d/b"))
	w.must(put("/ls/x/d-not", "v2"))
	require.Equal(t, []string{"current /ls/x/d v1", "current /ls/x/d/a v1", "synced /ls/x/d ",
		"created /ls/x/d/b v1"}, c.events(1))
	require.Equal(t, []string{"current /ls/x/d v1", "current /ls/x/d/a v1", "current /ls/x/d/a/deep v1",
		"synced /ls/x/d ", "modified /ls/x/d/a/deep v2", "created /ls/x/d/b v1"}, c.events(2))
}

// The events of a change leave before the reply that shows it.
func TestC9_EventsLeaveBeforeTheReply(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.ask(&call.Watch{ID: 1, Name: "/ls/x/a"})
	r.sent = nil
	c.must(create("/ls/x/a"))
	event := slices.IndexFunc(r.sent, func(s Send) bool { _, ok := s.Msg.(*call.Events); return ok })
	reply := slices.IndexFunc(r.sent, func(s Send) bool { _, ok := s.Msg.(*call.CallReply); return ok })
	require.GreaterOrEqual(t, event, 0)
	require.Less(t, event, reply)
}

// A watch that is behind gets what it missed, each with the contents of that change.
func TestC9_AWatchResumesByZxid(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w")
	at := w.must(create("/ls/x/a")).Zxid
	w.must(put("/ls/x/a", "v2"))
	w.must(put("/ls/x/a", "v3"))
	r.failOver()
	c.attach()
	w.attach()
	c.ask(&call.Watch{ID: 1, Name: "/ls/x/a", From: at})
	w.must(put("/ls/x/a", "v4"))
	require.Equal(t, []string{"modified /ls/x/a v2", "modified /ls/x/a v3", "modified /ls/x/a v4"}, c.events(1))
	require.Zero(t, r.count.Resyncs)
}

// A watch that has fallen out of the history, or comes from the future, gets a resync, counted.
func TestC9_ResyncWhenTheHistoryIsTooShort(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w")
	first := w.must(create("/ls/x/a")).Zxid
	for i := range uint64(1200) {
		w.send(&call.Call{Epoch: 1, Number: i + 2, Acked: i + 1, Op: put("/ls/x/a", "x")})
	}
	c.ask(&call.Watch{ID: 1, Name: "/ls/x/a", From: first})
	c.ask(&call.Watch{ID: 2, Name: "/ls/x/a", From: cell.MakeZxid(9, 1)})
	want := []string{"resync /ls/x/a ", "current /ls/x/a x", "synced /ls/x/a "}
	require.Equal(t, want, c.events(1))
	require.Equal(t, want, c.events(2))
	require.Equal(t, 2, r.count.Resyncs)
}

// A large first state goes out in pieces; what changes meanwhile follows after synced, once.
func TestC9_ALargeFirstStateMissesNothing(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w")
	const many = (piecesPerStep+1)*pieceNodes + 100
	r.unchecked = true
	for i := range many {
		w.send(&call.Call{Epoch: 1, Number: uint64(i + 1), Acked: uint64(i), Op: create(fmt.Sprintf("/ls/x/n%05d", i))})
	}
	w.calls = many
	r.keepLog = true
	w.send(&call.Call{Epoch: 1, Number: many + 1, Acked: many, Op: put("/ls/x/n00000", "again")}) // walked by then
	last := cell.Name(fmt.Sprintf("/ls/x/n%05d", many-1))
	w.send(&call.Call{Epoch: 1, Number: many + 2, Acked: many, Op: &call.Delete{Name: last}}) // not yet
	watch := &call.Watch{ID: 1, Name: "/ls/x", Recursive: true}
	r.once(Message{Stream: c.stream, Msg: &call.Query{Epoch: 1, Number: 1, Ask: watch}})
	require.NotContains(t, c.events(1), "synced /ls/x ")
	r.once(r.commit(), r.commit())
	r.step()
	all := c.events(1)
	synced := slices.Index(all, "synced /ls/x ")
	require.Equal(t, 1+many-1, synced)
	require.Equal(t, []string{"modified /ls/x/n00000 again"}, all[synced+1:])
}

// The number of watches is limited, and so are events kept during a first state.
func TestB2_WatchesAreLimited(t *testing.T) {
	limits := unpaced()
	limits.Watches = 2
	r := newRigWith(t, limits)
	c := r.open("c")
	for i := range uint64(2) {
		require.Zero(t, c.ask(&call.Watch{ID: i + 1, Name: "/ls/x"}).Code)
	}
	q := c.ask(&call.Watch{ID: 3, Name: "/ls/x"})
	require.Equal(t, cell.CodeOf(cell.ErrTooLarge), q.Code)
	require.Contains(t, q.Message, "watches is limited to 2")
	require.Zero(t, c.ask(&call.Watch{ID: 2, Name: "/ls/x/a"}).Code, "the same number again replaces")
}

// With its stream a session's watches go: nothing is kept for who may never come again.
func TestC9_WatchesEndWithTheirStream(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.must(create("/ls/x/a"))
	require.Zero(t, c.ask(&call.Watch{ID: 1, Name: "/ls/x/a"}).Code)
	require.Equal(t, 1, r.m.watches.Count(c.id))
	r.step(StreamDown{c.stream})
	require.Zero(t, r.m.watches.Count(c.id))
}
