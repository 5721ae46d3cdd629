package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// Before the first transaction of its own epoch has been applied a master answers nothing; then
// it answers what came meanwhile.
func TestZ8_NothingIsAnsweredBeforeTheFirstTransaction(t *testing.T) {
	r := newRig(t)
	r.open("a")
	r.keepLog = true
	r.epoch++
	r.begin(nil)
	r.sent = nil
	s := r.stream()
	r.step(Message{Stream: s, Msg: &call.Query{Number: 1, Ask: &call.Read{Name: "/ls/x"}}})
	require.Empty(t, r.sent)
	r.step(r.commit())
	require.Len(t, r.sent, 1)
	require.IsType(t, &call.QueryReply{}, r.sent[0].Msg)
}

// After a fail-over reads, locks and new sessions are served at once, whatever changes a node
// waits until every session that may cache has attached.
func TestC5_WritesWaitForEveryCachingSession(t *testing.T) {
	r := newRig(t)
	plain, c := r.open("plain"), r.open("c")
	plain.must(create("/ls/x/a"))
	c.cacher()
	r.failOver()

	_, ok := plain.attach()
	require.True(t, ok)
	require.Zero(t, plain.ask(&call.Read{Name: "/ls/x/a"}).Code)
	got := plain.must(&call.Acquire{Name: "/ls/x/a", Mode: cell.Exclusive, Delay: -1})
	require.True(t, got.Acquired.Held)
	require.NotZero(t, r.open("new").id)

	msg := plain.callMsg(put("/ls/x/a", "v2"))
	plain.send(msg)
	_, ok = plain.replyTo(msg.Number)
	require.False(t, ok, "a session logged as caching has neither attached nor lapsed")
	_, ok = c.attach()
	require.True(t, ok)
	_, ok = plain.replyTo(msg.Number)
	require.True(t, ok)
	require.Zero(t, r.count.Lapses)
}

// One full cache lease ends the wait for who does not attach; it is named in the log.
func TestC5_OneCacheLeaseEndsTheWait(t *testing.T) {
	r := newRig(t)
	plain, c := r.open("plain"), r.open("gone")
	c.cacher()
	r.failOver()
	plain.attach()
	msg := plain.callMsg(create("/ls/x/a"))
	plain.send(msg)
	r.pass(lease.Duration(lengths().CacheLease) - 1)
	_, ok := plain.replyTo(msg.Number)
	require.False(t, ok)
	r.pass(1)
	_, ok = plain.replyTo(msg.Number)
	require.True(t, ok)
	require.Equal(t, 1, r.count.Lapses)
	require.Contains(t, r.lines[len(r.lines)-2].Fields, Field{"identity", "gone"})
	require.Equal(t, Serving, r.m.Stage())
}

// An Attach that names another epoch is told the right one and acks nothing.
func TestC5_AttachOfAnOlderEpochAcksNothing(t *testing.T) {
	r := newRig(t)
	plain, c := r.open("plain"), r.open("c").cacher()
	r.failOver()
	plain.attach()
	plain.send(plain.callMsg(create("/ls/x/a")))
	old := r.stream()
	r.step(Message{Stream: old, Msg: &call.Attach{Session: c.id, Key: c.key, Epoch: 1, Stream: 9}})
	no := r.sent[len(r.sent)-1].Msg.(*call.Refused)
	require.Equal(t, cell.CodeOf(cell.ErrNoMaster), no.Code)
	require.Equal(t, cell.Epoch(2), no.Epoch)
	_, ok := plain.replyTo(plain.calls)
	require.False(t, ok)
}

// Within a mastership, too, an Attach acks what the session owed on older streams.
func TestC5_AttachAcksWhatWasOwed(t *testing.T) {
	r := newRig(t)
	w, c := r.open("w"), r.open("c").cacher()
	require.True(t, c.read("/ls/x"))
	w.send(w.callMsg(create("/ls/x/a")))
	_, ok := w.replyTo(1)
	require.False(t, ok)
	c.attach()
	_, ok = w.replyTo(1)
	require.True(t, ok)
}

// Only the key opens a session; an ended one is refused as expired.
func TestC7_AttachShowsTheKey(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.key[0]++
	_, ok := c.attach()
	require.False(t, ok)
	no, _ := last[*call.Refused](c)
	require.Equal(t, cell.CodeOf(cell.ErrDenied), no.Code)
	c.key[0]--
	c.attach()
	c.must(&call.CloseSession{})
	c.attach()
	no, _ = last[*call.Refused](c)
	require.Equal(t, cell.CodeOf(cell.ErrSessionExpired), no.Code)
}

// What an older stream still brings is dropped, and the stream is closed.
func TestC6_AnOldStreamIsNotHeard(t *testing.T) {
	r := newRig(t)
	w, c := r.open("w"), r.open("c")
	old := *c
	c.attach()
	c.cacher()
	require.Contains(t, r.closed, Close{Stream: old.stream, Why: "the session has a newer stream"})
	require.True(t, c.read("/ls/x"))
	w.send(w.callMsg(create("/ls/x/a")))
	old.seq, old.inc = 9, c.inc
	old.flush()
	old.keep()
	_, ok := w.replyTo(1)
	require.False(t, ok, "an old stream's ack counted")
	c.send(&call.Flushed{Epoch: c.epoch, Stream: old.number, Seq: 1})
	_, ok = w.replyTo(1)
	require.False(t, ok, "an ack that names an older stream counted")
	c.send(&call.Flushed{Epoch: c.epoch, Stream: c.number, Seq: 7})
	_, ok = w.replyTo(1)
	require.False(t, ok, "an ack of what was never sent counted")
	c.invalidated()
	c.flush()
	_, ok = w.replyTo(1)
	require.True(t, ok)
}

// An Attach that was overtaken by a newer one changes nothing.
func TestC6_AnOvertakenAttachIsClosed(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.number = 5
	c.attach()
	late := r.stream()
	r.step(Message{Stream: late, Msg: &call.Attach{Session: c.id, Key: c.key, Epoch: 1, Stream: 3}})
	require.Equal(t, late, r.closed[len(r.closed)-1].Stream)
	c.must(create("/ls/x/still"))
}

// At an attach the session is told all it holds and waits for, so that no grant is lost.
func TestC8_AttachTellsAllHolds(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true, Delay: -1})
	res := b.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true, Delay: -1})
	require.False(t, res.Acquired.Held)
	r.failOver()
	holds, ok := b.attach()
	require.True(t, ok)
	require.Len(t, holds.Holds, 1)
	require.False(t, holds.Holds[0].Held)
	a.attach()
	a.must(&call.Release{Name: "/ls/x/l", Hold: uint64(1<<32 + 4)})
	g, ok := last[*call.Granted](b)
	require.True(t, ok)
	require.Equal(t, holds.Holds[0].Hold, g.Hold)
}

// Live sessions survive a fail-over with a full lease from then on.
func TestL6_ANewMasterGivesAFullLease(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	c.keep()
	r.pass(lease.Duration(lengths().SessionLease) - 7*lease.Second)
	r.failOver()
	r.pass(lease.Duration(lengths().SessionLease) - 1)
	_, ok := c.attach()
	require.True(t, ok)
	require.Zero(t, r.count.Expired)
}

// A session that was silent has the rest of its lease at every new master, however often they change.
func TestL6_ASilentSessionGetsTheRest(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	r.pass(6 * lease.Second)
	for range 3 {
		r.failOver()
		r.pass(5 * lease.Second)
	}
	require.Zero(t, r.count.Expired, "at each the rest, 6 s, begins anew")
	r.pass(lease.Second - 1)
	require.Zero(t, r.count.Expired)
	r.pass(1)
	require.Equal(t, 1, r.count.Expired)
}

// From its proposal on a silent session is granted nothing, until it is logged that it is heard again.
func TestL6_HeardAgainIsLoggedFirst(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	r.keepLog = true
	r.pass(6 * lease.Second)
	require.IsType(t, &tree.MarkSilent{}, r.waiting[0].Txn.Op)
	c.keep()
	_, ok := c.renewed()
	require.False(t, ok, "granted before it is known that it is heard")
	require.IsType(t, &tree.HeardAgain{}, r.waiting[1].Txn.Op)
	r.once(r.commit())
	_, ok = c.renewed()
	require.False(t, ok)
	r.once(r.commit())
	_, ok = c.renewed()
	require.True(t, ok)
	r.failOver()
	r.pass(12*lease.Second - 1)
	require.Zero(t, r.count.Expired, "it is not silent any more")
}

// A lock-delay goes on through a fail-over: restarted in full, late, never early.
func TestC3_LockDelayIsRestartedInFull(t *testing.T) {
	r := newRig(t)
	a := r.open("a")
	a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true, Delay: -1})
	r.step(StreamDown{a.stream})
	r.pass(lease.Duration(lengths().SessionLease))
	require.Equal(t, 1, r.count.Expired)
	b := r.open("b")
	res := b.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true, Delay: -1})
	require.False(t, res.Acquired.Held)
	r.pass(4 * lease.Second)
	r.failOver()
	b.attach()
	b.keep()
	r.pass(lease.Duration(lengths().LockDelay) - 1)
	_, ok := last[*call.Granted](b)
	require.False(t, ok, "granted before the delay was over")
	info := b.ask(&call.Locks{Prefix: "/ls/x/l", One: true}).Locks.Locks[0]
	require.EqualValues(t, 1, info.DelayLeft)
	r.pass(1)
	_, ok = last[*call.Granted](b)
	require.True(t, ok)
}

// Who loses the mastership tells its clients and ends their streams.
func TestC5_LosingTheMastershipIsTold(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	var out Out
	instead := call.Located{Why: "a newer epoch", Client: "of its heir"}
	r.m.Lose(r.at.Now, instead, &out)
	require.Equal(t, []Send{{Stream: c.stream, Msg: &instead}}, out.Sends)
	require.Equal(t, []Close{{c.stream, "a newer epoch"}}, out.Closes)
}
