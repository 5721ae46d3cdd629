package master

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// The same key again gives the same session: while it is being made, and after.
func TestC7_CreateSessionTwiceMakesOne(t *testing.T) {
	r := newRig(t)
	r.keepLog = true
	msg := &call.CreateSession{Key: cell.SessionKey{1}, Identity: "a"}
	r.step(Message{Stream: 1, Msg: msg}, Message{Stream: 2, Msg: msg})
	require.Len(t, r.waiting, 1)
	r.keepLog = false
	r.step(Message{Stream: 3, Msg: msg})
	r.step(Message{Stream: 4, Msg: msg})
	var ids []cell.SessionID
	for _, s := range r.sent {
		if c, ok := s.Msg.(*call.Created); ok {
			ids = append(ids, c.Session)
		}
	}
	require.NotEmpty(t, ids)
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	_, sessions, _ := r.tree.Counts()
	require.Equal(t, 1, sessions)
}

// A call that is sent again is applied once: remembered while it is on its way, answered from
// its record after, by the next master too.
func TestC7_ACallSentAgainIsAppliedOnce(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	msg := c.callMsg(create("/ls/x/a"))
	c.send(msg)
	c.send(msg)
	require.Len(t, r.waiting, 1)
	r.keepLog = false
	r.step()
	first, ok := c.replyTo(1)
	require.True(t, ok)
	r.proposd = nil
	c.send(msg)
	again, _ := c.replyTo(1)
	require.Equal(t, first, again)
	r.failOver()
	c.attach()
	c.send(&call.Call{Epoch: 2, Number: 1, Op: msg.Op})
	again, _ = c.replyTo(1)
	require.Equal(t, first.Result.Stat, again.Result.Stat)
	require.True(t, again.Proposed)
	for _, p := range r.proposd {
		require.Zero(t, p.Txn.Call, "proposed again")
	}
}

// A number behind a gap is turned away until the one before it has come.
func TestC7_AGapIsTurnedAway(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.must(create("/ls/x/a"))
	c.calls++ // number 2 is lost
	reply, ok := c.call(create("/ls/x/c"))
	require.True(t, ok)
	require.False(t, reply.Proposed)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), reply.Result.Code)
	require.NotZero(t, reply.Result.RetryAfter)
	c.calls = 1
	c.must(create("/ls/x/b"))
	c.must(create("/ls/x/c"))
}

// What the tree refuses now is refused at once, without a round and without a transaction...
func TestC7_APlainRefusalIsProposedByNobody(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.proposd = nil
	reply, ok := c.call(put("/ls/x/none", "v"))
	require.True(t, ok)
	require.False(t, reply.Proposed)
	require.Equal(t, cell.CodeOf(cell.ErrNotFound), reply.Result.Code)
	require.Empty(t, r.proposd)
	c.must(create("/ls/x/none"))
}

// ... but not while an earlier call of the session is on its way to make it possible.
func TestC7_ARefusalWaitsForTheEarlierCalls(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	c.send(c.callMsg(create("/ls/x/a")))
	c.send(c.callMsg(create("/ls/x/a/b")))
	_, ok := c.replyTo(2)
	require.False(t, ok)
	r.keepLog = false
	r.step()
	reply, ok := c.replyTo(2)
	require.True(t, ok)
	require.Zero(t, reply.Result.Code, reply.Result.Message)
}

// Nothing is taken behind a refusal that the client may not have heard. Else it would send the
// refused call again after a lost answer, and that would take effect after the later one.
func TestC7_NothingPassesARefusalUnheard(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.send(c.callMsg(put("/ls/x/none", "v")))
	later := c.callMsg(create("/ls/x/none"))
	c.send(later)
	reply, ok := c.replyTo(2)
	require.True(t, ok)
	require.False(t, reply.Proposed)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), reply.Result.Code)
	later.Acked = 1
	c.send(later)
	reply, _ = c.replyTo(2)
	require.True(t, reply.Proposed)
}

// What waits behind a call is sent back when that is refused.
func TestC7_WhatWaitsBehindARefusalIsSentBack(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	c.send(c.callMsg(create("/ls/x/a")))
	c.send(c.callMsg(create("/ls/x/a/none/c"))) // waits for the first, and is refused then
	c.send(c.callMsg(create("/ls/x/b")))
	r.keepLog = false
	r.step()
	second, _ := c.replyTo(2)
	third, _ := c.replyTo(3)
	require.Equal(t, cell.CodeOf(cell.ErrNotFound), second.Result.Code)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), third.Result.Code)
	_, _, ok := r.tree.Get("/ls/x/b")
	require.False(t, ok)
	c.calls, c.acked = 2, 2
	c.must(create("/ls/x/b"))
}

// More unacked calls than the cell allows are turned away.
func TestB2_UnackedCallsAreBounded(t *testing.T) {
	limits := unpaced()
	limits.Unacked = 4
	r := newRigWith(t, limits)
	c := r.open("c")
	for i := range 4 {
		c.must(create(fmt.Sprint("/ls/x/", i)))
	}
	c.acked = 0
	reply, ok := c.call(create("/ls/x/more"))
	require.True(t, ok)
	require.False(t, reply.Proposed)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), reply.Result.Code)
}

// A grant is pushed to who waits; a delete drops the waiters.
func TestC8_WaitersAreTold(t *testing.T) {
	r := newRig(t)
	a, b, c := r.open("a"), r.open("b"), r.open("c")
	lockIt := func(x *client) *call.HoldState {
		return x.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true, Wait: true, Delay: -1}).Acquired
	}
	ha, hb, hc := lockIt(a), lockIt(b), lockIt(c)
	require.True(t, ha.Held)
	a.must(&call.Release{Name: "/ls/x/l", Hold: ha.Hold})
	g, ok := last[*call.Granted](b)
	require.True(t, ok)
	require.Equal(t, hb.Hold, g.Hold)
	require.Equal(t, b.number, g.Stream)
	b.must(&call.Delete{Name: "/ls/x/l"})
	d, ok := last[*call.Dropped](c)
	require.True(t, ok)
	require.Equal(t, hc.Hold, d.Hold)
	require.Equal(t, cell.CodeOf(cell.ErrStaleHandle), d.Code)
}

// A refused acquire says who has the lock, and how long its holder's lease still runs.
func TestC1_LockedSaysWho(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true, Delay: -1, Note: "mine"})
	r.pass(lease.Second)
	reply, ok := b.call(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Delay: -1})
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrLocked), reply.Result.Code)
	h := reply.Result.Lock.Holders[0]
	require.Equal(t, "a", h.Identity)
	require.Equal(t, "mine", h.Note)
	require.Equal(t, lengths().SessionLease-cell.Span(lease.Second), h.LeaseLeft)
}

// An ended session's ephemerals go in bounded transactions, each with a round of its own, and
// its record goes with the last.
func TestC11_EphemeralsFollowInBoundedTransactions(t *testing.T) {
	r := newRig(t)
	c, w := r.open("c"), r.open("w").cacher()
	for i := range 2*reapBatch + 5 {
		c.must(&call.Create{Name: fmt.Sprintf("/ls/x/e%03d", i), Ephemeral: true})
	}
	require.True(t, w.read("/ls/x/e007"))
	r.proposd = nil
	c.must(&call.CloseSession{})
	require.NotNil(t, w.invalidated())
	w.flush()
	w.invalidated()
	w.flush()
	reaps := 0
	for _, p := range r.proposd {
		if op, ok := p.Txn.Op.(*tree.Reap); ok {
			reaps++
			require.LessOrEqual(t, len(op.Names), reapBatch)
			require.NotEmpty(t, p.Txn.Names)
		}
	}
	require.Equal(t, 3, reaps)
	_, sessions, _ := r.tree.Counts()
	require.Equal(t, 1, sessions)
}

// The record of an ended session stays until it is nobody's cacher any more: a new master counts
// it as cacher of everything.
func TestC11_ARecordStaysAsLongAsItsCache(t *testing.T) {
	r := newRig(t)
	c := r.open("c").cacher()
	c.must(create("/ls/x/a"))
	r.step(StreamDown{c.stream})
	r.pass(2*half() - 1)
	r.keepLog = true
	r.pass(1)
	require.IsType(t, &tree.EndSessions{}, r.waiting[0].Txn.Op)
	require.IsType(t, &Applied{}, r.commit())
	r.epoch++
	r.begin(nil)
	r.keepLog = false
	r.step()
	_, sessions, _ := r.tree.Counts()
	require.Equal(t, 1, sessions)
	r.pass(lease.Duration(lengths().CacheLease))
	_, sessions, _ = r.tree.Counts()
	require.Zero(t, sessions)
}

// Nonsense closes its stream with a named error and one line in the log; nobody else notices.
func TestB1_NonsenseClosesItsStream(t *testing.T) {
	r := newRig(t)
	c, other := r.open("c"), r.open("other")
	c.send(&call.Granted{})
	no, ok := last[*call.Refused](c)
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrProtocol), no.Code)
	require.Equal(t, c.stream, r.closed[0].Stream)
	require.Len(t, r.lines, 1)
	c.send(&call.KeepAlive{})
	require.Len(t, r.lines, 1, "logged once")
	other.must(create("/ls/x/a"))
}

// Messages for a session on a stream that has none, or in another epoch, are told to attach.
func TestB1_WithoutASessionNothingIsCalled(t *testing.T) {
	r := newRig(t)
	for _, msg := range []call.Message{
		&call.Call{Epoch: 1, Number: 1, Op: create("/ls/x/a")},
		&call.KeepAlive{Epoch: 1, Number: 1, Stream: 1},
		&call.Flushed{Epoch: 1, Stream: 1},
	} {
		r.sent = nil
		r.step(Message{Stream: 50, Msg: msg})
		require.Equal(t, cell.Epoch(1), r.sent[0].Msg.(*call.Refused).Epoch)
	}
	c := r.open("c")
	c.epoch = 7
	c.call(create("/ls/x/a"))
	no, _ := last[*call.Refused](c)
	require.Equal(t, cell.Epoch(1), no.Epoch)
}

// Queries need no session.
func TestL4_QueriesWithoutASession(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.must(&call.Create{Name: "/ls/x/e", Ephemeral: true, Contents: []byte("hi")})
	c.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Shared, Create: true, Delay: -1})
	asker := &client{r: r, stream: r.stream()}
	require.Equal(t, "hi", string(asker.ask(&call.Read{Name: "/ls/x/e"}).Node.Contents))
	require.Empty(t, asker.ask(&call.Read{Name: "/ls/x/e", StatOnly: true}).Node.Contents)
	absent := asker.ask(&call.Read{Name: "/ls/x/no/such"}).Node
	require.True(t, absent.Absent)
	require.EqualValues(t, "/ls/x", absent.Ancestor)
	require.Equal(t, cell.CodeOf(cell.ErrStaleHandle), asker.ask(&call.Read{Name: "/ls/x/e", Instance: 3}).Code)
	require.Equal(t, cell.CodeOf(cell.ErrWrongCell), asker.ask(&call.Read{Name: "/ls/y"}).Code)
	page := asker.ask(&call.List{Name: "/ls/x", Most: 1}).List
	require.True(t, page.More)
	require.EqualValues(t, "/ls/x/l", asker.ask(&call.List{Name: "/ls/x", After: "e"}).List.Children[0].Name)
	locks := asker.ask(&call.Locks{Prefix: "/ls/x"}).Locks.Locks
	require.Len(t, locks, 1)
	q := locks[0].Holders[0].Sequencer
	require.Zero(t, asker.ask(&call.CheckSequencer{Sequencer: q}).Code)
	q.Grant++
	require.Equal(t, cell.CodeOf(cell.ErrStaleSequencer), asker.ask(&call.CheckSequencer{Sequencer: q}).Code)
	info := asker.ask(&call.Sessions{}).Sessions.Sessions[0]
	require.Equal(t, []cell.Name{"/ls/x/e"}, info.Ephemerals)
	require.Equal(t, []cell.Name{"/ls/x/l"}, info.Locks)
	require.Equal(t, lengths().SessionLease, info.LeaseLeft)
	require.Equal(t, cell.CodeOf(cell.ErrNotFound), asker.ask(&call.Sessions{ID: 5}).Code)
	require.Equal(t, cell.CodeOf(cell.ErrUsage), asker.ask(&call.Watch{ID: 1, Name: "/ls/x"}).Code)
}

// A refusal names the place in the history that it was judged at: its client has seen the tree as of
// there, and no replica may then answer it with less (C6).
func TestC6_ARefusalSaysHowNewTheTreeWas(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	made := a.must(create("/ls/x/n"))
	reply, ok := b.call(create("/ls/x/n"))
	require.True(t, ok)
	require.False(t, reply.Proposed, "it was refused at the gate")
	require.Equal(t, cell.CodeOf(cell.ErrExists), reply.Result.Code)
	require.GreaterOrEqual(t, reply.Result.Zxid, made.Zxid)
}

// Sessions that are being made at once are bounded: who asks for one more is told.
func TestB2_SessionsBeingMadeAreBounded(t *testing.T) {
	r := newRig(t)
	r.keepLog = true
	for i := range maxOpening + 1 {
		m := &call.CreateSession{Key: cell.SessionKey{byte(i), byte(i >> 8), 1}, Identity: "a"}
		r.step(Message{Stream: uint64(i + 1), Msg: m})
	}
	var told []uint64
	for _, s := range r.sent {
		told = append(told, s.Stream)
	}
	require.Equal(t, []uint64{maxOpening + 1}, told)
}
