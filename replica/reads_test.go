package replica

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
)

func here(number uint64, seen cell.Zxid, name cell.Name) *call.Query {
	return &call.Query{Number: number, AtReplica: true, Seen: seen, Ask: &call.Read{Name: name, Cache: true}}
}

func answer(t *testing.T, p *played, stream uint64) *call.QueryReply {
	t.Helper()
	told := p.told(stream)
	require.NotEmpty(t, told)
	return told[len(told)-1].(*call.QueryReply)
}

// Any synchronized replica answers a read from what it has applied, as of its zxid, and nothing of
// that may be cached.
func TestC6_AReplicaAnswersReads(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(3, 10)
	g.pass(lease.Second)
	for _, p := range g.all {
		p.say(50, hello(), here(1, 0, "/ls/x/w1"))
		r := answer(t, p, 50)
		require.Zero(t, r.Code, r.Message)
		require.Equal(t, p.r.Tree().Mark().Zxid, r.Zxid)
		require.Equal(t, uint64(3), r.Node.Stat.ContentGeneration)
		require.False(t, r.Node.Cachable)
		p.say(50, &call.Query{Number: 2, AtReplica: true, Ask: &call.List{Name: "/ls/x", Cache: true, Names: true}})
		require.Len(t, answer(t, p, 50).List.Children, 1)
		p.say(50, here(3, 0, "/ls/x/none"))
		require.True(t, answer(t, p, 50).Node.Absent)
		p.say(50, here(4, 0, "/ls/y/none"))
		require.Equal(t, cell.CodeOf(cell.ErrWrongCell), answer(t, p, 50).Code)
	}
}

// A replica answers no older than what the client has seen: it waits for it, for a while.
func TestC6_AReplicaWaitsForWhatWasSeen(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(1, 10)
	g.pass(lease.Second)
	f := g.follower()
	f.say(50, hello())
	f.told(50)
	next := f.r.Tree().Mark().Zxid + 1
	f.say(50, here(1, next, "/ls/x/w1"))
	require.Empty(t, f.told(50), "it has not applied that yet")
	w.writes(1, 10)
	require.Equal(t, uint64(2), answer(t, f, 50).Node.Stat.ContentGeneration)

	f.say(50, here(2, next+100, "/ls/x/w1"))
	g.pass(readPatience - 1)
	require.Empty(t, f.told(50))
	g.pass(1)
	r := answer(t, f, 50)
	require.Equal(t, cell.CodeOf(cell.ErrNoMaster), r.Code, "another is to be asked")
	require.Contains(t, r.Message, "behind")

	f.say(50, here(3, next+100, "/ls/x/w1"))
	f.step(ClientGone{Stream: 50})
	require.Empty(t, f.r.parked)
	f.say(51, hello())
	for i := range mostParked + 1 {
		f.step(FromClient{Stream: 51, Msg: here(uint64(i+1), next+100, "/ls/x/w1")})
	}
	require.Contains(t, answer(t, f, 51).Message, "too many")
}

// A replica that follows nobody, or has not been brought up to its leader's history, answers none,
// and turns away who waits.
func TestZ6_AnUnsynchronizedReplicaAnswersNoReads(t *testing.T) {
	g := born(t, 3)
	g.writer(1).writes(1, 10)
	g.pass(lease.Second)
	m, f := g.master(), g.follower()
	f.say(50, hello(), here(1, f.r.Tree().Mark().Zxid+100, "/ls/x/w1"))
	f.told(50)
	for _, p := range g.all {
		if p != f {
			p.cut()
		}
	}
	g.pass(5 * lease.Second)
	require.Contains(t, f.told(50)[0].(*call.QueryReply).Message, "not synchronized")
	f.say(50, here(2, 0, "/ls/x/w1"))
	require.Contains(t, answer(t, f, 50).Message, "not synchronized")
	require.NotNil(t, m)
}

// B1: a replica decides by the rights as they are in its tree when the answer leaves, and changes of the
// members are for administrators.
func TestB1_AReplicaAnswersWhoMayRead(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(1, 10)
	g.pass(lease.Second)
	f := g.follower()
	ask := func(number uint64, seen cell.Zxid) {
		f.step(FromClient{Stream: 60, Principal: "ann", Address: "ann:1", Msg: here(number, seen, "/ls/x/w1")})
		g.settle()
	}
	f.step(FromClient{Stream: 60, Principal: "ann", Address: "ann:1", Msg: hello()})
	f.told(60)
	ask(1, 0)
	require.Zero(t, answer(t, f, 60).Code)
	ask(2, f.r.Tree().Mark().Zxid+1) // it waits, and meanwhile the right goes
	require.Empty(t, f.told(60))
	w.does(&call.SetACL{Name: "/ls/x/w1", ACL: cell.ACL{Read: "nobody"}})
	require.Equal(t, cell.CodeOf(cell.ErrDenied), answer(t, f, 60).Code)
	denied := f.deeds[len(f.deeds)-1]
	denied.Detail = ""
	require.Equal(t, master.Deed{Time: int64(g.now), Principal: "ann", Address: "ann:1", Op: "replica_read",
		Name: "/ls/x/w1", Code: cell.CodeOf(cell.ErrDenied), Zxid: f.r.Tree().Mark().Zxid}, denied)
	ask(3, 0)
	require.Equal(t, cell.CodeOf(cell.ErrDenied), answer(t, f, 60).Code)
	f.say(61, hello(), here(1, 0, "/ls/x/w1"))
	require.Zero(t, answer(t, f, 61).Code, "an administrator may")

	m := g.master()
	m.step(FromClient{Stream: 62, Principal: "ann", Msg: hello()},
		FromClient{Stream: 62, Principal: "ann", Msg: &call.Query{Number: 1, Ask: &call.Replace{Old: 3,
			New: cell.Member{ID: 6, Client: "h:1", Peer: "h:2", HTTP: "h:3"}}}})
	g.settle()
	require.Equal(t, cell.CodeOf(cell.ErrDenied), answer(t, m, 62).Code)
}

// B3: a replica answers each stream and each principal so much in a second; who goes on nevertheless is not
// read from, and nobody else notices.
func TestB3_AReplicaAnswersSoManyReadsInASecond(t *testing.T) {
	g := born(t, 3)
	w := g.writer(1)
	w.writes(1, 10)
	w.does(&call.Set{Key: "session_rate", Value: 10})
	g.pass(2 * lease.Second)
	f := g.follower()
	f.say(50, hello())
	f.say(51, hello())
	f.told(50)
	f.told(51)
	answered := 0
	for answered < 100 {
		f.say(50, here(uint64(answered+1), 0, "/ls/x/none"))
		r := answer(t, f, 50)
		if r.Code != 0 {
			require.Equal(t, cell.CodeOf(cell.ErrOverloaded), r.Code)
			require.EqualValues(t, 100*lease.Millisecond, r.RetryAfter)
			break
		}
		answered++
	}
	require.Equal(t, 11, answered, "what a second earns, and one more")
	f.say(51, here(1, 0, "/ls/x/none"))
	require.Zero(t, answer(t, f, 51).Code)
	f.say(50, &call.Query{Number: 99, Ask: &call.StatusAsk{}})
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), answer(t, f, 50).Code)
	var flood []Input
	for i := range 300 {
		flood = append(flood, FromClient{Stream: 50, Msg: here(uint64(200+i), 0, "/ls/x/none")})
	}
	f.step(flood...)
	require.Equal(t, []master.Pause{{Stream: 50, For: 100 * lease.Millisecond}}, f.pauses)
	f.told(50)
	g.pass(lease.Second)
	f.say(50, here(1000, 0, "/ls/x/none"))
	require.Zero(t, answer(t, f, 50).Code)
}
