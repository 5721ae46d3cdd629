package master

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// A question about the locks of no prefix is one about the whole cell. It needs no session, so
// anybody may ask it.
func TestB5_LocksOfNoPrefixAreThoseOfTheCell(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.must(&call.Acquire{Name: "/ls/x/a", Mode: cell.Exclusive, Create: true})
	c.stream = r.stream()
	c.epoch = 0
	q := c.ask(&call.Locks{})
	require.Zero(t, q.Code, q.Message)
	require.Len(t, q.Locks.Locks, 1)
}

// A CreateSession that was overtaken on its way is not the session's newest stream: the client
// knows its session, serves from its cache, and would not be invalidated.
func TestC6_ACreateSessionThatComesLateEmptiesNoCache(t *testing.T) {
	r := newRig(t)
	w, c := r.open("w"), r.open("c")
	c.cacher()
	require.True(t, c.read("/ls/x"))
	late := r.stream()
	r.step(Message{Stream: late, Msg: &call.CreateSession{Key: c.key, Identity: "c", Epoch: r.epoch}})
	require.Equal(t, late, r.closed[len(r.closed)-1].Stream)
	w.send(w.callMsg(create("/ls/x/a")))
	_, ok := w.replyTo(1)
	require.False(t, ok, "written under a cache that nobody has emptied")
	require.NotNil(t, c.invalidated())
	c.flush()
	_, ok = w.replyTo(1)
	require.True(t, ok)
}

// A client whose Created was lost has said nothing yet: its second CreateSession takes over.
func TestC7_ALostCreatedIsAskedForAgain(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	first := c.id
	c.stream = r.stream()
	c.send(&call.CreateSession{Key: c.key, Identity: "c", Epoch: r.epoch})
	made, ok := last[*call.Created](c)
	require.True(t, ok)
	require.Equal(t, first, made.Session)
	c.must(create("/ls/x/a"))
}

// The record of an acquire says how it stood when it was applied. Sent again, it is answered with
// how the hold stands now: the grant between may have gone to a stream that is down.
func TestC7_AnAcquireSentAgainIsAnsweredWithHowItStandsNow(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	held := a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true})
	msg := b.callMsg(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true})
	b.send(msg)
	b.attach()
	a.must(&call.Release{Name: "/ls/x/l", Hold: held.Acquired.Hold})
	again := *msg
	again.Epoch = b.epoch
	b.send(&again)
	reply, ok := b.replyTo(msg.Number)
	require.True(t, ok)
	require.Zero(t, reply.Result.Code)
	require.True(t, reply.Result.Acquired.Held)
	require.NotZero(t, reply.Result.Acquired.Sequencer.Grant)
}

// One whose node was deleted meanwhile is told so; else its client would wait for ever.
func TestC8_AnAcquireSentAgainIsNotToldToWaitForANodeThatIsGone(t *testing.T) {
	r := newRig(t)
	a, b := r.open("a"), r.open("b")
	a.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true})
	msg := b.callMsg(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true})
	b.send(msg)
	a.must(&call.Delete{Name: "/ls/x/l"})
	b.attach()
	again := *msg
	again.Epoch = b.epoch
	b.send(&again)
	reply, ok := b.replyTo(msg.Number)
	require.True(t, ok)
	require.True(t, reply.Proposed)
	require.Equal(t, cell.CodeOf(cell.ErrStaleHandle), reply.Result.Code)
}

// What the tree refuses before it is proposed is a read, and no read is answered without the
// lease: another master may have changed the answer.
func TestL4_NoCallIsRefusedWithoutTheLease(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.must(create("/ls/x/a"))
	r.keepLog = true
	first, second := c.callMsg(put("/ls/x/a", "v2")), c.callMsg(create("/ls/x/a"))
	c.send(first)
	c.send(second)
	r.noLease = true
	r.step(r.commit())
	_, ok := c.replyTo(first.Number)
	require.True(t, ok, "it was applied")
	_, ok = c.replyTo(second.Number)
	require.False(t, ok, "refused from a tree that may be old")
	r.noLease = false
	r.pass(lapsedPoll)
	reply, ok := c.replyTo(second.Number)
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrExists), reply.Result.Code)
}

// A refusal shows the tree as it is: the events of every transaction before come first.
func TestC9_EventsLeaveBeforeARefusalThatShowsThem(t *testing.T) {
	r := newRig(t)
	c, other := r.open("c"), r.open("other")
	c.must(create("/ls/x/a"))
	c.must(create("/ls/x/b"))
	require.Zero(t, c.ask(&call.Watch{ID: 1, Name: "/ls/x", Children: true}).Code)
	r.keepLog = true
	never := uint64(9)
	c.send(c.callMsg(put("/ls/x/a", "v2")))
	c.send(c.callMsg(&call.Write{Name: "/ls/x/b", IfGeneration: &never})) // waits: the first may change that
	other.send(other.callMsg(put("/ls/x/b", "v2")))
	r.sent = nil
	r.once(r.commit(), r.commit())
	var order []string
	for _, s := range r.sent {
		switch m := s.Msg.(type) {
		case *call.Events:
			order = append(order, string(m.Events[0].Name))
		case *call.CallReply:
			if s.Stream == c.stream && m.Result.Code != 0 && m.Result.RetryAfter == 0 {
				order = append(order, "refused")
			}
		}
	}
	require.Equal(t, []string{"/ls/x/a", "/ls/x/b", "refused"}, order)
}

// Until a mastership's first transaction is applied no KeepAlive is answered: that time, too, is
// ours, and nobody expires for it.
func TestL7_NobodyExpiresForASlowBeginning(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	r.keepLog = true
	r.epoch++
	r.begin(nil)
	r.pass(lease.Duration(lengths().SessionLease) + lease.Second)
	r.keepLog = false
	r.step(r.commit())
	r.pass(lease.Duration(lengths().SessionLease) / 2)
	require.Zero(t, r.count.Expired)
	_, ok := c.attach()
	require.True(t, ok)
}

// Whatever a session holds, each message to it fits into a frame: else it could never attach again
// (C5), and its locks would be lost by a fail-over.
func TestC5_ASessionOfManyHoldsCanAttach(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	c := r.open("c")
	long := cell.Name("/ls/x/" + strings.Repeat("n", 200) + "/" + strings.Repeat("m", 200))
	for i := range 4000 {
		c.must(&call.Acquire{Name: cell.Name(fmt.Sprintf("%s%d", long, i)), Mode: cell.Exclusive, Create: true})
	}
	r.failOver()
	r.sent = nil
	_, ok := c.attach()
	require.True(t, ok)
	held := map[uint64]bool{}
	for _, s := range r.sent {
		a, ok := s.Msg.(*call.Attached)
		if !ok {
			continue
		}
		require.Equal(t, len(held)+len(a.Holds) < 4000, a.More)
		for _, h := range a.Holds {
			held[h.Hold] = true
		}
	}
	require.Len(t, held, 4000)
	requireFrames(t, r.sent)
}

// Who is refused a lock is told who has it and who waits, as many as fit: a queue may be long.
func TestB2_ARefusedLockFitsIntoAFrame(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	crowd, c := r.open("crowd"+strings.Repeat("-", 250)), r.open("c")
	crowd.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true})
	for range 9_990 {
		crowd.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Wait: true})
	}
	r.sent = nil
	reply, ok := c.call(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive})
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrLocked), reply.Result.Code)
	require.Len(t, reply.Result.Lock.Holders, 1)
	require.Len(t, reply.Result.Lock.Waiters, toldOfLock)
	requireFrames(t, r.sent)
	waiters, pages := 0, 0
	ask, more := call.Locks{Prefix: "/ls/x"}, true
	for ; more; pages++ { // a queue longer than a frame is told in pieces
		one := ask
		r := c.ask(&one).Locks
		require.Len(t, r.Locks, 1)
		waiters += len(r.Locks[0].Waiters)
		ask.After, ask.Told, more = r.Locks[0].Name, r.Told, r.More
	}
	require.Equal(t, 9_990, waiters)
	require.Greater(t, pages, 10)
	requireFrames(t, r.sent)
}

func requireFrames(t *testing.T, sent []Send) {
	t.Helper()
	for _, s := range sent {
		_, body := call.Encode(s.Msg)
		require.LessOrEqual(t, len(body)+wire.FrameOverhead, call.MaxFrameBytes, "%T", s.Msg)
	}
}

// A stream is one session's: one that asks for two at once is hung up.
func TestB1_AStreamThatAsksForTwoSessionsIsClosed(t *testing.T) {
	r := newRig(t)
	r.keepLog = true
	s := r.stream()
	r.step(Message{Stream: s, Msg: &call.CreateSession{Key: cell.SessionKey{1}}},
		Message{Stream: s, Msg: &call.CreateSession{Key: cell.SessionKey{2}}})
	r.keepLog = false
	r.step(r.commit())
	require.NotEmpty(t, r.closed)
	require.Equal(t, s, r.closed[len(r.closed)-1].Stream)
}

// Watches that have ended are forgotten at once, however many there were, and keep nobody waiting.
func TestL8_EndedWatchesCostNothing(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	c, other := r.open("c"), r.open("other")
	for i := range pieceNodes + 10 {
		c.must(create(fmt.Sprintf("/ls/x/%d", i)))
	}
	var in []Input
	for i := range 50 * piecesPerStep {
		in = append(in, Message{Stream: c.stream, Msg: &call.Query{Epoch: c.epoch, Number: uint64(i + 1),
			Ask: &call.Watch{ID: 1, Name: "/ls/x", Recursive: true}}})
	}
	in = append(in, Message{Stream: other.stream, Msg: &call.Query{Epoch: other.epoch, Number: 1,
		Ask: &call.Watch{ID: 1, Name: "/ls/x", Recursive: true}}})
	r.once(in...)
	require.Contains(t, other.events(1), "synced /ls/x ")
	require.Empty(t, r.m.work)
}

// The first transaction has its time as every other has: the root was not made in 1970.
func TestZ17_TheFirstTransactionHasATime(t *testing.T) {
	var out Out
	New(1, Config{Self: 1, Epoch: 1, Wall: 42, Tree: tree.New(tree.Options{}), Birth: &tree.Birth{Cell: "x",
		ID: cell.CellID{1}, Lengths: lengths(), Limits: cell.DefaultLimits(), Format: cell.Format,
		Members: cell.Members{{ID: 1, Incarnation: 1}}}}, &out)
	require.Equal(t, int64(42), out.Proposals[0].Txn.Time)
}

// Sessions that hold much are not ended together: one transaction ends a bounded number of holds.
func TestL8_ExpiryIsBoundedByHoldsToo(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	for i := range 5 {
		c := r.open(fmt.Sprint(i))
		for n := range expiryHolds/2 + 1 {
			c.must(&call.Acquire{Name: cell.Name(fmt.Sprintf("/ls/x/%d-%d", i, n)), Mode: cell.Exclusive, Create: true})
		}
	}
	r.proposd = nil
	r.pass(lease.Duration(lengths().SessionLease) + 2*lease.Second)
	require.Equal(t, 5, r.count.Expired)
	for _, p := range r.proposd {
		if op, ok := p.Txn.Op.(*tree.EndSessions); ok {
			require.LessOrEqual(t, len(op.Sessions), 2)
		}
	}
}

// After a fail-over, too: who was logged as caching knows its session, and a CreateSession in its
// name says nothing of its cache.
func TestC5_ALateCreateSessionAbsolvesNobody(t *testing.T) {
	r := newRig(t)
	w, c := r.open("w"), r.open("c").cacher()
	r.failOver()
	w.attach()
	r.step(Message{Stream: r.stream(), Msg: &call.CreateSession{Key: c.key, Identity: "c", Epoch: r.epoch}})
	w.send(w.callMsg(create("/ls/x/a")))
	_, ok := w.replyTo(w.calls)
	require.False(t, ok)
	c.attach()
	_, ok = w.replyTo(w.calls)
	require.True(t, ok)
}

// A question over a limit is refused as typed as a call is: on the wire, too.
func TestB2_ARefusedQuestionNamesTheLimit(t *testing.T) {
	limits := unpaced()
	limits.Watches = 1
	r := newRigWith(t, limits)
	c := r.open("c")
	require.Zero(t, c.ask(&call.Watch{ID: 1, Name: "/ls/x"}).Code)
	sent, err := call.Decode(call.Encode(c.ask(&call.Watch{ID: 2, Name: "/ls/x"})))
	require.NoError(t, err)
	q := sent.(*call.QueryReply)
	var limit *cell.LimitError
	require.ErrorAs(t, call.ErrorOf(q.Code, q.Message, q.Limit, q.RetryAfter), &limit)
	require.Equal(t, cell.LimitError{Limit: "watches", Most: 1, Got: 2}, *limit)
}

// Who is hung up comes again: of all that is said once a second, with how many were not told of.
func TestB1_NonsenseInALoopFillsNoLog(t *testing.T) {
	r := newRig(t)
	nonsense := func() { r.step(Message{Stream: r.stream(), Msg: &call.Granted{}}) }
	for range 100 {
		nonsense()
	}
	require.Len(t, r.closed, 100)
	require.Len(t, r.lines, 1)
	r.pass(lease.Second)
	nonsense()
	require.Len(t, r.lines, 2)
	require.Contains(t, r.lines[1].Fields, Field{"others_not_shown", "99"})
}
