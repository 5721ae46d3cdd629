package host_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/wire"
	"github.com/leasehold/leasehold/tools/celltest"
)

// knock opens a plain connection, sends bytes, and waits until the other side has closed it.
func knock(t *testing.T, address string, bytes string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(wait)))
	_, err = c.Write([]byte(bytes))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, c)
	require.False(t, errors.Is(err, os.ErrDeadlineExceeded), "the connection was not closed")
}

// Garbage on any port ends that connection, is logged, and disturbs nobody else.
func TestB1_GarbageOnEveryPort(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	s := session(t, c)
	write(t, s, 3, 10)
	garbage := strings.Repeat("\x00\xff garbage \r\n", 1000)
	for _, m := range c.Members {
		for _, bytes := range []string{garbage, "GET / HTTP/1.1\r\n\r\n"} {
			knock(t, m.Client, bytes)
			knock(t, m.Peer, bytes)
		}
		knock(t, m.HTTP, garbage)
	}
	require.Eventually(t, func() bool {
		return j.count("client: connection ended") >= 3 && j.count("peer: connection ended") >= 3
	}, wait, tick)
	master := c.Master()
	write(t, s, 3, 10)
	require.Equal(t, master, c.Master())
	require.InDelta(t, 1, metric(t, c, master, "cell_elections_total"), 0)
	require.Zero(t, j.count("lost"))
}

// Connections are counted, at each port: what is open, what has said nothing yet, what came and what was turned away.
func TestB2_ConnectionsAreCounted(t *testing.T) {
	c := celltest.Start(t, 1)
	at := c.Members[0]
	for port, address := range map[string]string{"clients": at.Client, "peers": at.Peer} {
		count := func(name string) int {
			return int(metric(t, c, 1, "cell_connections"+name+`{port="`+port+`"}`))
		}
		accepted := count("_accepted_total")
		var silent []net.Conn
		for range 3 {
			s, err := net.Dial("tcp", address)
			require.NoError(t, err)
			silent = append(silent, s)
		}
		require.Eventually(t, func() bool { return count("_accepted_total") == accepted+3 }, wait, tick)
		for _, s := range silent {
			require.NoError(t, s.Close())
		}
		require.Eventually(t, func() bool { return count("") == 0 && count("_half_open") == 0 }, wait, tick)
		require.Zero(t, count("_refused_total"))
		require.Zero(t, count("_evicted_total"))
	}
}

// dialed is a stream to one of a replica's ports.
func dialed(t *testing.T, address string, o conn.Options) *conn.Stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	t.Cleanup(cancel)
	c, err := conn.Dial(ctx, address, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	s, err := c.OpenStream(ctx)
	require.NoError(t, err)
	return s
}

func say(t *testing.T, s *conn.Stream, m call.Message) {
	t.Helper()
	require.NoError(t, s.Send(call.Encode(m)))
}

func hear(t *testing.T, s *conn.Stream) call.Message {
	t.Helper()
	kind, body, err := s.Recv()
	require.NoError(t, err)
	m, err := call.Decode(kind, body)
	require.NoError(t, err)
	return m
}

// What is a frame but no message, or a message out of place, gets a refusal by name; the stream
// ends, and others of the same connection do not.
func TestB1_NonsenseFromAClientIsRefusedByName(t *testing.T) {
	var j journal
	c := celltest.Start(t, 1, j.logs)
	at := c.Members[0].Client
	for _, x := range []struct {
		name string
		send func(*conn.Stream) error
		code error
		text string
	}{
		{"an unknown kind", func(s *conn.Stream) error { return s.Send(200, []byte("x")) }, cell.ErrProtocol, "200"},
		{"no message", func(s *conn.Stream) error { return s.Send(1, []byte("\xff\xff\xff")) }, cell.ErrProtocol, ""},
		{"another cell", func(s *conn.Stream) error {
			return s.Send(call.Encode(&call.Hello{Format: cell.Format, Cell: "other"}))
		}, cell.ErrWrongCell, "this is cell local, not other"},
		{"no Hello", func(s *conn.Stream) error {
			return s.Send(call.Encode(&call.Locate{}))
		}, cell.ErrProtocol, "the first message of a stream is Hello"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := dialed(t, at, conn.ForClients())
			good, err := s.Conn().OpenStream(t.Context())
			require.NoError(t, err)
			require.NoError(t, x.send(s))
			refused := hear(t, s).(*call.Refused)
			require.Equal(t, cell.CodeOf(x.code), refused.Code, refused.Message)
			require.Contains(t, refused.Message, x.text)
			_, _, err = s.Recv()
			require.Equal(t, io.EOF, err, "the stream is closed")
			say(t, good, &call.Hello{Format: cell.Format})
			require.IsType(t, &call.Welcome{}, hear(t, good))
		})
	}
	require.Positive(t, j.count("client 127."))
	write(t, session(t, c), 1, 10)
}

// Who is of another cell, asks for another replica, or says to be this one, is refused by name on
// the peers' port. (One in no list is a learner: it may be wanted one day.)
func TestZ11_AStrangerAmongThePeersIsRefusedByName(t *testing.T) {
	var j journal
	c := celltest.Start(t, 3, j.logs)
	const preface = 255
	for _, x := range []struct {
		name string
		with *wire.PeerPreface
		text string
	}{
		{"another cell's name", &wire.PeerPreface{Format: 1, Cell: "other", CellId: make([]byte, 16), From: 2, To: 1, Use: 1},
			"it is of cell other"},
		{"another cell of the same name",
			&wire.PeerPreface{Format: 1, Cell: "local", CellId: make([]byte, 16), From: 2, To: 1, Use: 1},
			"it is of cell local (00000000000000000000000000000000)"},
		{"one of our own id", &wire.PeerPreface{Format: 1, Cell: "local", From: 1, To: 1, Use: 3},
			"replica 1 asked for replica 1"},
		{"nobody", &wire.PeerPreface{Format: 1, Cell: "local", To: 1, Use: 3}, "replica 0 asked for replica 1"},
		{"another replica's port", &wire.PeerPreface{Format: 1, Cell: "local", From: 2, To: 3, Use: 3}, "this is replica 1"},
		{"a newer format", &wire.PeerPreface{Format: 2, Cell: "local", From: 2, To: 1, Use: 3}, "it speaks format 2"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := dialed(t, c.Members[0].Peer, conn.ForPeers())
			require.NoError(t, s.SendMessage(preface, x.with))
			kind, body, err := s.Recv()
			require.NoError(t, err)
			require.EqualValues(t, preface, kind)
			var w wire.PeerPreface
			require.NoError(t, wire.Unmarshal(body, &w))
			require.Contains(t, w.Refused, x.text)
		})
	}
	require.Positive(t, j.count("refused: "))
	write(t, session(t, c), 1, 10)
	require.InDelta(t, 1, metric(t, c, c.Master(), "cell_elections_total"), 0)
}

// A client that asks and never reads loses its stream when its outbox is full, said once; others
// do not notice.
func TestB1_AStreamThatIsNeverReadEndsAlone(t *testing.T) {
	var j journal
	c := celltest.Start(t, 1, j.logs)
	s := session(t, c)
	write(t, s, 1, 200_000)
	o := conn.ForClients()
	o.OutboxBytes = 64 << 20
	greedy := dialed(t, c.Members[0].Client, o)
	say(t, greedy, &call.Hello{Format: cell.Format})
	for n := range uint64(200) { // 40 MB of answers
		say(t, greedy, &call.Query{Number: n + 1, Ask: &call.Read{Name: "/ls/local/n0"}})
	}
	require.Eventually(t, func() bool { return j.count("client: stream ended") > 0 }, wait, tick)
	write(t, s, 3, 10)
	require.Equal(t, 1, j.count("client: stream ended"))
}
