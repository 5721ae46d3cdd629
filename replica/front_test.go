package replica

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

func hello() *call.Hello { return &call.Hello{Format: cell.Format, Cell: "x"} }

// The first message is Hello, for this cell, in a format that this replica speaks; the answer
// says who it is.
func TestB1_AStreamBeginsWithHello(t *testing.T) {
	g := born(t, 1)
	m := g.master()
	for i, c := range []struct {
		name string
		msg  call.Message
		code error
		text string
	}{
		{"none", &call.Locate{}, cell.ErrProtocol, "the first message of a stream is Hello"},
		{"another cell", &call.Hello{Format: 1, Cell: "y"}, cell.ErrWrongCell, "this is cell x, not y"},
		{"a newer format", &call.Hello{Format: cell.Format + 1, Cell: "x"}, cell.ErrProtocol, "upgrade the cell first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stream := uint64(i + 1)
			m.say(stream, c.msg)
			told := m.told(stream)
			require.Len(t, told, 1)
			refused := told[0].(*call.Refused)
			require.Equal(t, cell.CodeOf(c.code), refused.Code)
			require.Contains(t, refused.Message, c.text)
			require.Equal(t, cell.ReplicaID(1), refused.Located.Master)
			require.Equal(t, stream, m.closed[len(m.closed)-1].Stream, "and its stream is closed")
		})
	}
	m.say(10, hello())
	require.Equal(t, []call.Message{&call.Welcome{Format: cell.Format, Cell: "x", CellID: cellID, Replica: 1}}, m.told(10))
	m.say(11, &call.Hello{Format: cell.Format})
	require.IsType(t, &call.Welcome{}, m.told(11)[0], "a client that does not care which cell answers")
	m.say(10, hello())
	require.Contains(t, m.told(10)[0].(*call.Refused).Message, "a second Hello")
}

// Who only knocks costs nothing afterwards, also when all of it comes at once.
func TestB1_AStreamThatHasEndedIsForgotten(t *testing.T) {
	g := born(t, 1)
	m := g.master()
	m.step(FromClient{Stream: 1, Msg: hello()}, ClientGone{Stream: 1})
	m.step(FromClient{Stream: 2, Msg: hello()})
	m.step(ClientGone{Stream: 2})
	m.step(ClientGone{Stream: 3})
	require.Empty(t, m.r.streams.welcome)
}

// Any replica says who is master and how it does itself; what only a master may answer gets
// "no master", and nothing has happened.
func TestC5_AFollowerNamesTheMasterAndServesNothingElse(t *testing.T) {
	g := born(t, 3)
	m, f := g.master(), g.follower()
	f.say(1, hello(), &call.Locate{})
	where := call.Located{Master: m.id, Epoch: m.r.began, Client: fmt.Sprintf("client:%d", m.id)}
	require.Equal(t, &where, f.told(1)[1])

	f.say(1, &call.Query{Number: 1, Ask: &call.StatusAsk{}})
	s := f.told(1)[0].(*call.QueryReply).Status
	require.Equal(t, "follower", s.Role)
	require.Equal(t, m.id, s.Master)
	require.Equal(t, m.r.Tree().Mark().Index, s.Index)
	require.Empty(t, s.Why)
	require.Len(t, s.Members, 3)

	f.say(1, &call.CreateSession{Key: cell.SessionKey{1}, Epoch: where.Epoch})
	refused := f.told(1)[0].(*call.Refused)
	require.Equal(t, cell.CodeOf(cell.ErrNoMaster), refused.Code)
	require.Equal(t, where, refused.Located)
	f.say(1, &call.Query{Number: 2, Ask: &call.Sessions{}})
	reply := f.told(1)[0].(*call.QueryReply)
	require.Equal(t, cell.CodeOf(cell.ErrNoMaster), reply.Code)
	require.Equal(t, uint64(2), reply.Number)
	require.Zero(t, g.count())
}

// count is how many sessions the master's tree has.
func (g *rig) count() int {
	_, sessions, _ := g.master().r.Tree().Counts()
	return sessions
}

// When the mastership moves, every welcomed stream is told where it is now, without asking.
func TestC5_StreamsAreToldOfANewMaster(t *testing.T) {
	g := born(t, 3)
	old := g.master()
	var others []*played
	for _, p := range g.all {
		if p != old {
			p.say(1, hello())
			p.say(2, hello())
			p.step(ClientGone{Stream: 2})
			p.sent = nil
			others = append(others, p)
		}
	}
	old.cut()
	g.pass(10 * lease.Second)
	m := g.master()
	require.NotEqual(t, old.id, m.id)
	for _, p := range others {
		told := p.told(1)
		where := &call.Located{Master: m.id, Epoch: m.r.began, Client: fmt.Sprintf("client:%d", m.id)}
		require.Equal(t, where, told[len(told)-1])
		require.Empty(t, p.told(2))
	}
}

// A master that loses its mastership tells its clients, and ends their streams.
func TestL9_AStopHandsTheMastershipOver(t *testing.T) {
	handOver(t, born(t, 3))
}

// Also right after the election, when what the others said in it is still fresh.
func TestL9_AStopRightAfterTheElection(t *testing.T) {
	g := newRig(t, 3)
	g.start()
	handOver(t, g)
}

func handOver(t *testing.T, g *rig) {
	t.Helper()
	old := g.master()
	old.say(1, hello(), &call.CreateSession{Key: cell.SessionKey{1}, Epoch: old.r.began})
	require.IsType(t, &call.Created{}, old.told(1)[1])
	old.step(Stop{})
	require.Nil(t, old.r.master)
	require.False(t, old.r.Holds(g.now))
	require.Equal(t, 1, old.said("mastership of epoch"))
	require.Equal(t, uint64(1), old.closed[0].Stream)
	require.NotEmpty(t, old.told(1))
	before := g.now
	for g.master() == nil {
		g.pass(10 * lease.Millisecond)
	}
	require.NotEqual(t, old.id, g.master().id)
	require.Less(t, g.now.Sub(before), lease.Duration(cell.DefaultLengths().MasterLease),
		"released promises are not waited for")
	require.Equal(t, 1, g.count(), "the session lives on")
}
