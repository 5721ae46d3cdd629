package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// A transaction waits, in one round, for the cachers of every node that it changes; its nodes are
// uncachable until it has been applied.
func TestC6_ATxnWaitsForTheCachersOfAllItsNodes(t *testing.T) {
	r := newRig(t)
	w, one, two := r.open("writer"), r.open("one").cacher(), r.open("two").cacher()
	w.must(create("/ls/x/a"))
	w.must(create("/ls/x/b"))
	require.True(t, one.read("/ls/x/a"))
	require.True(t, two.read("/ls/x/b"))

	msg := w.callMsg(&call.Txn{Parts: []call.Part{put("/ls/x/a", "v2"), put("/ls/x/b", "v2")}})
	w.send(msg)
	require.Equal(t, []cell.Name{"/ls/x/a"}, one.invalidated().Names)
	require.Equal(t, []cell.Name{"/ls/x/b"}, two.invalidated().Names)
	require.False(t, one.read("/ls/x/b"), "cachable under the round")
	one.flush()
	_, ok := w.replyTo(msg.Number)
	require.False(t, ok, "the other cacher has not flushed")
	two.flush()
	reply, ok := w.replyTo(msg.Number)
	require.True(t, ok)
	require.Len(t, reply.Result.Parts, 2)
	require.Equal(t, reply.Result.Zxid, reply.Result.Parts[0].Zxid)
	require.True(t, one.read("/ls/x/b"))
}

// Who has the lock that a part met is told with the refusal.
func TestC1_ATxnMeetsALock(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true})
	reply, ok := b.call(&call.Txn{Parts: []call.Part{create("/ls/x/n"), &call.Delete{Name: "/ls/x/l"}}})
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrLocked), reply.Result.Code)
	require.Equal(t, 2, reply.Result.Refused)
	require.Equal(t, a.id, reply.Result.Lock.Holders[0].Session)
	require.True(t, b.ask(&call.Read{Name: "/ls/x/n"}).Node.Absent)
}
