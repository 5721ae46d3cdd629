package client

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/lease/clock"
)

// fake is a master in memory, for what a real one would make slow or rare: it grants every lock
// at once, and can fall silent.
type fake struct {
	t      *testing.T
	memory *conn.Memory
	wire   conn.Options
	l      *conn.Listener

	mu      sync.Mutex
	seen    []call.Message
	current *conn.Stream
	attach  uint64
	seq     uint64
	zxid    uint64
	holds   []call.HoldState
	pages   []call.QueryReply // of locks or sessions, to come
	asked   []call.Ask        // for pages
	rotten  bool              // contents are not those of their checksum
	deaf    bool              // calls and queries are not answered
	node    call.NodeReply
	conns   []*conn.Conn
	hears   func(call.Message) // what to look at when a message comes; or nil
}

const fakeAddress = "master:1"

func startFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, memory: &conn.Memory{}, wire: conn.ForClients(), zxid: 100}
	f.node = call.NodeReply{Stat: cell.Stat{Name: "/ls/local/x", Instance: 9, ContentGeneration: 1},
		Contents: []byte("hello"), Cachable: true, Incarnation: 1}
	f.wire.Network = f.memory
	var err error
	f.l, err = conn.Listen(fakeAddress, f.wire)
	require.NoError(t, err)
	go f.accept()
	return f
}

func (f *fake) client(t *testing.T) *Client {
	t.Helper()
	c, err := newClient(Config{Endpoints: []string{fakeAddress, "nobody:2"}, Identity: "me"}, clock.Go(), f.wire)
	require.NoError(t, err)
	return c
}

// cut takes the network away: connections break, and new ones are refused.
func (f *fake) cut() { f.memory.Cut(fakeAddress) }

func (f *fake) heal() { f.memory.Heal(fakeAddress) }

func (f *fake) stop() {
	_ = f.l.Close()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		_ = c.Close()
	}
}

func (f *fake) accept() {
	for {
		c, err := f.l.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns = append(f.conns, c)
		f.mu.Unlock()
		go func() {
			for {
				s, err := c.AcceptStream()
				if err != nil {
					return
				}
				go f.serve(s)
			}
		}()
	}
}

func (f *fake) serve(s *conn.Stream) {
	for {
		kind, body, err := s.Recv()
		if err != nil {
			return
		}
		m, err := call.Decode(kind, body)
		require.NoError(f.t, err)
		f.mu.Lock()
		f.seen = append(f.seen, m)
		if f.hears != nil {
			f.hears(m)
		}
		f.take(s, m)
		f.mu.Unlock()
	}
}

func (f *fake) send(s *conn.Stream, m call.Message) {
	kind, body := call.Encode(m)
	_ = s.Send(kind, body)
}

func (f *fake) terms() call.Terms {
	return call.Terms{Epoch: 5, Incarnation: 1, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
}

func (f *fake) take(s *conn.Stream, m call.Message) {
	switch m := m.(type) {
	case *call.Hello:
		f.send(s, &call.Welcome{Format: cell.Format, Cell: "local", Replica: 1})
	case *call.Locate:
		f.send(s, &call.Located{Master: 1, Epoch: 5, Client: fakeAddress})
	case *call.CreateSession:
		f.current, f.attach = s, 1
		f.send(s, &call.Created{Session: 7, Terms: f.terms()})
	case *call.Attach:
		f.current, f.attach = s, m.Stream
		f.send(s, &call.Attached{Stream: m.Stream, Terms: f.terms(), Holds: f.holds})
	case *call.KeepAlive:
		f.keepAlive(s, m)
	case *call.Call:
		if !f.deaf {
			f.send(s, &call.CallReply{Epoch: 5, Number: m.Number, Proposed: true, Result: f.apply(m)})
		}
	case *call.Query:
		f.query(s, m)
	}
}

func (f *fake) query(s *conn.Stream, m *call.Query) {
	if f.deaf {
		return
	}
	r := &call.QueryReply{Epoch: 5, Number: m.Number}
	switch ask := m.Ask.(type) {
	case *call.Read:
		node := f.node
		node.Stat.Size, node.Stat.Checksum = len(node.Contents), cell.Checksum(node.Contents)
		if f.rotten {
			node.Contents = []byte("jello")
		}
		r.Node = &node
	case *call.Locks, *call.Sessions:
		f.page(r, ask)
	case *call.Watch:
		defer f.sendEvents(s, ask.ID, 1)
	}
	f.send(s, r)
}

// page answers what is told in pages with those that are laid out.
func (f *fake) page(r *call.QueryReply, ask call.Ask) {
	f.asked = append(f.asked, ask)
	r.Locks, r.Sessions = f.pages[0].Locks, f.pages[0].Sessions
	f.pages = f.pages[1:]
}

// keepAlive answers the first of a stream at once, and parks the others for a second.
func (f *fake) keepAlive(s *conn.Stream, m *call.KeepAlive) {
	answer := func(parked time.Duration) {
		f.send(s, &call.KeepAliveReply{Number: m.Number, Epoch: 5, Stream: m.Stream, Parked: int64(parked),
			Session: int64(12 * time.Second), Cache: int64(3 * time.Second), Incarnation: 1})
	}
	if len(f.seen) < 2 || m.Number == 1 {
		answer(0)
		return
	}
	time.AfterFunc(time.Second, func() { answer(time.Second) })
}

func (f *fake) apply(m *call.Call) (r call.Result) {
	f.zxid++
	r.Zxid = cell.Zxid(f.zxid)
	switch op := m.Op.(type) {
	case *call.Acquire:
		h := call.HoldState{Name: op.Name, Hold: f.zxid, Call: m.Number, Held: true,
			Sequencer: cell.Sequencer{Mode: op.Mode, Grant: f.zxid, Hold: f.zxid, Instance: 9, Name: op.Name}}
		f.holds = append(f.holds, h)
		r.Acquired = &h
	case *call.Release:
		for i, h := range f.holds {
			if h.Hold == op.Hold {
				f.holds = append(f.holds[:i:i], f.holds[i+1:]...)
				break
			}
		}
	case *call.Write:
		r.Stat = cell.Stat{Name: op.Name, ContentGeneration: 2}
	}
	return r
}

func (f *fake) sendEvents(s *conn.Stream, watch uint64, n int) {
	e := &call.Events{Epoch: 5, Stream: f.attach, Watch: watch}
	for range n {
		f.zxid++
		e.Events = append(e.Events, call.Event{Kind: call.EventModified, Name: "/ls/local/x", Zxid: cell.Zxid(f.zxid)})
	}
	f.send(s, e)
}

// events tells a watch, named by its number on the wire, of n changes.
func (f *fake) events(watch uint64, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sendEvents(f.current, watch, n)
}

// invalidate tells the session to drop a name.
func (f *fake) invalidate(name cell.Name) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	f.send(f.current, &call.Invalidate{Epoch: 5, Stream: f.attach, Seq: f.seq, Names: []cell.Name{name}})
}

func (f *fake) count(is func(call.Message) bool) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.seen {
		if is(m) {
			n++
		}
	}
	return n
}

func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}
