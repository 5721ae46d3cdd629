package master

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

func paced(edit func(*cell.Limits)) cell.Limits {
	l := unpaced()
	edit(&l)
	return l
}

// flood reads until the master says no, and gives how often it answered and what it said then.
func (c *client) flood(most int) (answered int, said *call.QueryReply) {
	for ; answered < most; answered++ {
		if q := c.ask(&call.Read{Name: "/ls/x"}); q.Code != 0 {
			return answered, q
		}
	}
	return answered, nil
}

func TestB3_WhoAsksForTooMuchIsToldWhenToComeAgain(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.SessionRate = 10 }))
	a, b := r.open("a"), r.open("b")
	answered, said := a.flood(100)
	require.Equal(t, 11, answered, "what a second earns, and one more")
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), said.Code)
	require.EqualValues(t, 100*lease.Millisecond, said.RetryAfter)

	refused, ok := a.call(create("/ls/x/a"))
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), refused.Result.Code)
	require.False(t, refused.Proposed)
	require.EqualValues(t, 100*lease.Millisecond, refused.Result.RetryAfter)

	a.keep()
	_, ok = a.renewed()
	require.True(t, ok, "KeepAlives go on")
	b.must(create("/ls/x/b"))
	require.Zero(t, b.ask(&call.Read{Name: "/ls/x"}).Code, "nobody else notices")

	r.pass(200 * lease.Millisecond) // the KeepAlive cost something too
	a.send(&call.Call{Epoch: a.epoch, Number: refused.Number, Op: create("/ls/x/a")})
	again, ok := a.replyTo(refused.Number)
	require.True(t, ok)
	require.True(t, again.Proposed)
	require.Zero(t, again.Result.Code)
}

func TestB3_BytesCountBothWays(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.SessionBytes, l.Value = 1<<20, 1<<20 }))
	a, b := r.open("a"), r.open("b")
	a.must(&call.Create{Name: "/ls/x/big", Contents: []byte(strings.Repeat("x", 1<<20))})
	a.must(put("/ls/x/big", strings.Repeat("y", 1<<20)))
	reply, ok := a.call(put("/ls/x/big", "z"))
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), reply.Result.Code)
	require.EqualValues(t, lease.Second, reply.Result.RetryAfter)

	for range 2 {
		require.Len(t, b.ask(&call.Read{Name: "/ls/x/big"}).Node.Contents, 1<<20)
	}
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), b.ask(&call.Read{Name: "/ls/x/big"}).Code)
}

// Sessions, streams and connections of one principal share what it may spend; without certificates a
// host is one. Going and coming back begins no new account.
func TestB3_APrincipalSharesWhatItMaySpend(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.PrincipalRate = 40 }))
	a, b := r.open("a"), r.open("a") // one key: a's session again
	require.Equal(t, a.id, b.id)
	answered, _ := b.flood(100)
	require.Equal(t, 40-costOfSession+1, answered)

	other := r.open("b")
	require.NotZero(t, other.id, "another host")
	r.step(StreamDown{Stream: a.stream}, StreamDown{Stream: b.stream})
	for range 3 {
		again := &client{r: r, stream: r.stream()}
		r.step(Message{Stream: again.stream, Address: "a:77", Msg: &call.CreateSession{Key: cell.SessionKey{7}}})
		refused, ok := last[*call.Refused](again)
		require.True(t, ok)
		require.Equal(t, cell.CodeOf(cell.ErrOverloaded), refused.Code)
		require.Positive(t, refused.RetryAfter)
		r.step(StreamDown{Stream: again.stream})
	}
	one := Message{Stream: r.stream(), Address: "a:78", Principal: "spiffe://one",
		Msg: &call.CreateSession{Key: cell.SessionKey{8}}}
	r.step(one)
	_, ok := last[*call.Created](&client{r: r, stream: one.Stream})
	require.True(t, ok, "a certificate counts by its principal, not by its host")
}

// Who was told to wait and goes on is not read from for a while; that it floods with what is never
// refused makes no difference.
func TestB3_WhoDoesNotListenIsNotReadFrom(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.SessionRate = 10 }))
	a, b, c := r.open("a"), r.open("b"), r.open("c")
	for range 12 + deafAfter {
		a.ask(&call.Read{Name: "/ls/x"})
		b.keep()
	}
	c.flood(5)
	require.Equal(t, []Pause{{Stream: a.stream, For: pause}, {Stream: b.stream, For: pause}}, r.paused)
	_, ok := last[*call.KeepAliveReply](b)
	require.True(t, ok)
}

// A cacher answers each invalidation, however many there are: that costs it nothing.
func TestB3_AcksOfInvalidationsAreFree(t *testing.T) {
	r := newRigWith(t, paced(func(l *cell.Limits) { l.SessionRate = 100 }))
	a := r.open("a").cacher()
	writers := make([]*client, 20)
	for i := range writers {
		writers[i] = r.open(string(rune('b' + i)))
	}
	writers[0].must(create("/ls/x/hot"))
	for i := range 50 * len(writers) {
		if i%50 == 0 {
			r.pass(500 * lease.Millisecond)
			a.keep()
		}
		a.read("/ls/x/hot")
		_, ok := writers[i%len(writers)].call(put("/ls/x/hot", "v"))
		require.False(t, ok, "it waits for the cacher")
		require.NotNil(t, a.invalidated())
		a.flush()
		writers[i%len(writers)].acked++
	}
	require.Empty(t, r.paused)
	require.Zero(t, a.ask(&call.Read{Name: "/ls/x"}).Code)
}

// Accounts are kept for who is here, or owes; the others go when there are many.
func TestB1_AccountsAreForgotten(t *testing.T) {
	r := newRig(t)
	for i := range 10 * minSweep {
		s := r.stream()
		r.step(Message{Stream: s, Address: strings.Repeat("x", i%500) + string(rune('a'+i%26)) + ":1", Msg: &call.Attach{
			Session: 99, Stream: 1, Epoch: r.epoch}})
		r.step(StreamDown{Stream: s})
		r.at.Now = r.at.Now.Add(lease.Millisecond)
	}
	require.LessOrEqual(t, len(r.m.accounts.of), 2*minSweep)
}
