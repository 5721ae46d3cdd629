package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// A write waits until every cacher of the node has flushed it, the writer's own session too, and
// the node is uncachable until the write has been applied.
func TestC6_WriteWaitsForEveryCacher(t *testing.T) {
	r := newRig(t)
	w, c := r.open("writer"), r.open("cacher")
	w.must(create("/ls/x/a"))
	w.cacher()
	c.cacher()
	require.True(t, w.read("/ls/x/a"))
	require.True(t, c.read("/ls/x/a"))

	msg := w.callMsg(put("/ls/x/a", "v2"))
	w.send(msg)
	_, ok := w.replyTo(msg.Number)
	require.False(t, ok, "answered before the caches were flushed")
	require.NotNil(t, w.invalidated(), "the writer's own cache is left out")
	require.NotNil(t, c.invalidated())
	require.False(t, c.read("/ls/x/a"), "cachable under an open round")

	c.flush()
	_, ok = w.replyTo(msg.Number)
	require.False(t, ok)
	w.flush()
	reply, ok := w.replyTo(msg.Number)
	require.True(t, ok)
	require.Zero(t, reply.Result.Code)
	require.True(t, c.read("/ls/x/a"), "cachable again once it is applied")
}

// While the write is in the log its node stays uncachable.
func TestC11_UncachableUntilApplied(t *testing.T) {
	r := newRig(t)
	w, c := r.open("writer"), r.open("cacher").cacher()
	w.must(create("/ls/x/a"))
	r.keepLog = true
	msg := w.callMsg(put("/ls/x/a", "v2"))
	w.send(msg)
	require.Len(t, r.waiting, 1)
	require.False(t, c.read("/ls/x/a"))
	r.keepLog = false
	r.step()
	require.True(t, c.read("/ls/x/a"))
}

// A cacher that is silent stalls the writer for its cache lease, once; it is named in the log,
// loses its cache, and fills none for ten cache leases.
func TestC10_SilentCacherStallsOnce(t *testing.T) {
	r := newRig(t)
	w, c := r.open("writer"), r.open("cacher")
	w.must(create("/ls/x/a"))
	c.cacher()
	require.True(t, c.read("/ls/x/a"))
	msg := w.callMsg(put("/ls/x/a", "v2"))
	w.send(msg)
	r.pass(lease.Duration(lengths().CacheLease) - 1)
	_, ok := w.replyTo(msg.Number)
	require.False(t, ok)
	r.pass(1)
	_, ok = w.replyTo(msg.Number)
	require.True(t, ok)
	require.Equal(t, 1, r.count.Lapses)
	line := r.lines[len(r.lines)-1]
	require.Contains(t, line.Fields, Field{"node", "/ls/x/a"})
	require.Contains(t, line.Fields, Field{"identity", "cacher"})

	w.must(put("/ls/x/a", "v3")) // stalled no more
	c.keep()
	r.pass(lease.Duration(lengths().SessionLease) / 2)
	k, ok := c.renewed()
	require.True(t, ok)
	require.Zero(t, k.Cache)
	require.NotEqual(t, c.inc, k.Incarnation, "the master has forgotten what it caches")
	c.inc = k.Incarnation
	c.flush()
	require.False(t, c.read("/ls/x/a"), "fills nothing for ten cache leases")
}

// Who owes an ack is granted no cache lease, and gets one as soon as it has acked.
func TestC10_NoCacheLeaseForWhoOwes(t *testing.T) {
	r := newRig(t)
	w, c := r.open("writer"), r.open("cacher").cacher()
	require.True(t, c.read("/ls/x"))
	w.send(w.callMsg(create("/ls/x/a")))
	require.NotNil(t, c.invalidated())
	c.keeps++
	c.send(&call.KeepAlive{Number: c.keeps, Epoch: c.epoch, Stream: c.number}) // acks nothing
	r.pass(2 * lease.Second)
	_, ok := c.renewed()
	require.False(t, ok, "a cache lease's half would be over")
	c.flush()
	k, ok := c.renewed()
	require.True(t, ok)
	require.NotZero(t, k.Cache)
}

// A KeepAlive's own mark acks as well as Flushed does.
func TestC6_KeepAliveAcks(t *testing.T) {
	r := newRig(t)
	w, c := r.open("writer"), r.open("cacher").cacher()
	require.True(t, c.read("/ls/x/nothing"), "an absence can be cached")
	msg := w.callMsg(create("/ls/x/nothing"))
	w.send(msg)
	inv := c.invalidated()
	require.NotNil(t, inv, "the absence rests on the parent")
	require.EqualValues(t, "/ls/x", inv.Names[0])
	c.keep()
	_, ok := w.replyTo(msg.Number)
	require.True(t, ok)
}

// A second write to a node whose first round still waits for an ack waits for it as well: the
// cacher may still be serving the old value.
func TestC11_SecondRoundWaitsForTheFirstsDebts(t *testing.T) {
	r := newRig(t)
	w, v, c := r.open("w"), r.open("v"), r.open("c")
	w.must(create("/ls/x/a"))
	c.cacher()
	require.True(t, c.read("/ls/x/a"))
	w.send(w.callMsg(put("/ls/x/a", "v2")))
	v.send(v.callMsg(put("/ls/x/a", "v3")))
	_, ok := v.replyTo(v.calls)
	require.False(t, ok)
	c.invalidated()
	c.flush()
	_, ok = v.replyTo(v.calls)
	require.True(t, ok)
}

// None of a session's mutations is proposed while an earlier one of it waits in a round.
func TestC7_LaterCallWaitsForTheRoundOfTheEarlier(t *testing.T) {
	r := newRig(t)
	w, c := r.open("w"), r.open("c")
	w.must(create("/ls/x/a"))
	c.cacher()
	require.True(t, c.read("/ls/x/a"))
	r.proposd = nil
	w.send(w.callMsg(put("/ls/x/a", "v2")))
	w.send(w.callMsg(&call.Acquire{Name: "/ls/x/a", Mode: 2, Delay: -1}))
	require.Empty(t, r.proposd)
	c.invalidated()
	c.flush()
	require.Len(t, r.proposd, 2)
	require.EqualValues(t, 2, r.proposd[0].Txn.Call)
	require.EqualValues(t, 3, r.proposd[1].Txn.Call)
}
