package master

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// TestC5_C6_C10_L5_Scripts runs the stories in testdata. Every command prints what the master
// sends, proposes, closes and logs because of it. Session ids are shown as the client's name.
func TestC5_C6_C10_L5_Scripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{rig: newRig(t), clients: map[string]*client{}, stage: Serving,
			instances: map[cell.Name][]uint64{}}
		s.proposd, s.lines, s.shown = nil, nil, len(s.sent)
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			s.rig.t = t
			return s.run(td)
		})
	})
}

type script struct {
	*rig
	clients map[string]*client
	names   []string // of clients, in order
	shown   int      // of sent
	claims  []call.Claim
	handle  *call.Handle
	of      uint64 // its instance
	stage   Stage  // last shown

	instances map[cell.Name][]uint64 // shown, in order
	sequencer cell.Sequencer         // kept, of a hold
}

// run does one command: VERB CLIENT ARGUMENTS.
func (s *script) run(td *datadriven.TestData) string {
	var words []string
	for _, a := range td.CmdArgs {
		words = append(words, a.String())
	}
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	c := s.clients[arg(0)]
	switch td.Cmd {
	case "open":
		s.clients[arg(0)] = s.open(arg(0))
		s.names = append(s.names, arg(0))
	case "attach":
		c.attach()
	case "down":
		s.step(StreamDown{c.stream})
	case "call":
		c.call(s.op(arg(1), cell.Name(arg(2)), arg(3)))
	case "again":
		c.send(&call.Call{Epoch: c.epoch, Number: c.calls, Op: s.op(arg(1), cell.Name(arg(2)), arg(3))})
	case "ask":
		c.queries++
		c.send(&call.Query{Epoch: c.epoch, Number: c.queries, Ask: s.ask(arg(1), cell.Name(arg(2)))})
	case "rewatch": // goes on behind all but the last change
		c.queries++
		z := s.tree.Mark().Zxid - 1
		c.send(&call.Query{Epoch: c.epoch, Number: c.queries, Ask: &call.Watch{ID: 2, Name: cell.Name(arg(1)), From: z}})
	case "handle":
		s.handle, s.of = c.opened(cell.Name(arg(1)), call.HandleWrites)
	case "forge":
		s.handle.Digits[0]++
	case "through": // as call, through the handle
		msg := c.callMsg(&call.Write{Name: cell.Name(arg(2)), Instance: s.of, Contents: []byte(arg(3))})
		msg.Handle = s.handle
		c.send(msg)
	case "claim": // what a cache will claim of a name: what the tree has now
		s.claim(cell.Name(arg(0)))
	case "revalidate":
		c.queries++
		c.send(&call.Query{Epoch: c.epoch, Number: c.queries, Ask: &call.Revalidate{Claims: s.claims}})
	case "quit":
		c.send(&call.Quit{Session: c.id, Key: c.key, Holds: arg(1) == "holds"})
	case "keepalive":
		c.keep()
	case "flush":
		c.invalidated()
		if k, ok := last[*call.KeepAliveReply](c); ok {
			c.inc = k.Incarnation
		}
		c.flush()
	case "stat":
		return s.stat(cell.Name(arg(0)))
	case "sequencer":
		return s.keep(c, cell.Name(arg(1)))
	default:
		s.world(td.Cmd, arg(0))
	}
	return s.print()
}

// world does what is no client's doing: VERB ARGUMENT.
func (s *script) world(verb, arg string) {
	switch verb {
	case "log":
		s.keepLog = arg == "holds"
		s.step()
	case "disks":
		s.noRoom = arg == "full"
		s.step()
	case "lease":
		s.noLease = arg == "lost"
		s.step()
	case "pass":
		var ms lease.Duration
		_, err := fmt.Sscan(arg, &ms)
		require.NoError(s.t, err)
		s.pass(ms * lease.Millisecond)
	case "stall":
		var ms lease.Duration
		_, err := fmt.Sscan(arg, &ms)
		require.NoError(s.t, err)
		s.at.Now = s.at.Now.Add(ms * lease.Millisecond)
		s.at.Late = s.at.Now.Sub(min(s.wake, s.at.Now))
		s.step()
	case "late": // Steps that come late
		for range 3 {
			s.at.Late = 200 * lease.Millisecond
			s.step()
		}
	case "leave":
		var out Out
		s.m.Leave(s.at, &out)
		s.collect(&out)
		s.wake = s.at.Now
	case "failover":
		s.failOver()
		s.step()
	case "elected": // as failover, but the first transaction stays in the log
		s.keepLog = true
		s.failOver()
	default:
		s.t.Fatalf("unknown command %q", verb)
	}
}

func (s *script) op(word string, n cell.Name, value string) call.Op {
	switch word {
	case "create":
		return &call.Create{Name: string(n), Contents: []byte(value)}
	case "ephemeral":
		return &call.Create{Name: string(n), Ephemeral: true}
	case "sequential":
		return &call.Create{Name: string(n), Sequential: true}
	case "write":
		return &call.Write{Name: n, Contents: []byte(value)}
	case "write-if-held":
		return &call.Write{Name: n, Contents: []byte(value), IfHeld: &s.sequencer}
	case "delete":
		return &call.Delete{Name: n}
	case "lock":
		return &call.Acquire{Name: n, Mode: cell.Exclusive, Wait: true, Create: true, Delay: -1}
	case "try":
		return &call.Acquire{Name: n, Mode: cell.Exclusive, Create: true, Delay: -1}
	case "share":
		return &call.Acquire{Name: n, Mode: cell.Shared, Wait: true, Create: true, Delay: -1}
	case "lock-2s":
		return &call.Acquire{Name: n, Mode: cell.Exclusive, Wait: true, Create: true, Delay: -1,
			Margin: int64(2 * lease.Second)}
	case "lock-for-3s":
		return &call.Acquire{Name: n, Mode: cell.Exclusive, Wait: true, Create: true, Delay: -1,
			MaxHold: int64(3 * lease.Second)}
	case "break":
		if l, ok := s.tree.Lock(n, 1); ok {
			return &call.Break{Name: n, Token: l.Holders[0].Sequencer.Grant}
		}
	case "set":
		var ms int64
		_, err := fmt.Sscan(value, &ms)
		require.NoError(s.t, err)
		return &call.Set{Key: string(n), Value: ms * int64(lease.Millisecond)}
	case "kill":
		return &call.Kill{Session: s.clients[string(n)].id}
	case "unlock":
		if l, ok := s.tree.Lock(n, 1); ok {
			return &call.Release{Name: n, Hold: l.Holders[0].Sequencer.Hold}
		}
	}
	return &call.CloseSession{}
}

func (s *script) ask(word string, n cell.Name) call.Ask {
	switch word {
	case "read":
		return &call.Read{Name: n, Cache: true}
	case "stat":
		return &call.Read{Name: n}
	case "list":
		return &call.List{Name: n, Cache: true, Names: true}
	case "watch":
		return &call.Watch{ID: 1, Name: n}
	}
	if word == "check" {
		return &call.CheckSequencer{Sequencer: s.sequencer}
	}
	return &call.Locks{Prefix: n}
}

// keep keeps the sequencer by which a client holds a lock, and shows what has become of the token.
func (s *script) keep(c *client, n cell.Name) string {
	l, _ := s.tree.Lock(n, len(s.names))
	for _, h := range l.Holders {
		if h.Session != c.id {
			continue
		}
		was := s.sequencer
		s.sequencer = h.Sequencer
		switch {
		case was.Grant > s.sequencer.Grant:
			return "a token that is less than the one before"
		case was.Grant == s.sequencer.Grant:
			return fmt.Sprintf("the same token, another hold: %v", was.Hold != s.sequencer.Hold)
		}
		return "a greater token"
	}
	return "no hold"
}

// stat shows a node's numbers as the tree has them; instances as the first, second… of this script.
func (s *script) stat(n cell.Name) string {
	st, contents, ok := s.tree.Get(n)
	if !ok {
		return "absent"
	}
	all := s.instances[n]
	if len(all) == 0 || all[len(all)-1] != st.Instance {
		require.Greater(s.t, st.Instance, slices.Max(append(all, 0)), "a newer instance has a greater number")
		all = append(all, st.Instance)
		s.instances[n] = all
	}
	require.Equal(s.t, cell.Checksum(contents), st.Checksum)
	l, _ := s.tree.Lock(n, 1)
	return fmt.Sprintf("instance %d, generations: content %d, lock %d, acl %d, children %d; %d bytes, "+
		"checksum %x, ephemeral %v", len(all), st.ContentGeneration, l.Generation, st.ACLGeneration,
		st.ChildrenGeneration, st.Size, st.Checksum, st.EphemeralOwner != 0)
}

func (s *script) claim(n cell.Name) {
	stat, _, ok := s.tree.Get(n)
	if !ok {
		s.claims = append(s.claims, call.Claim{Name: n, Ancestor: s.tree.Deepest(n)})
		return
	}
	s.claims = append(s.claims, call.Claim{Name: n, Instance: stat.Instance, Node: true, Zxid: stat.Zxid,
		List: true, ChildrenGeneration: stat.ChildrenGeneration, Checksum: stat.Checksum})
}

func (s *script) print() string {
	var b strings.Builder
	for _, p := range s.proposd {
		fmt.Fprintf(&b, "proposes %s\n", s.txn(p.Txn))
	}
	for _, m := range s.sent[s.shown:] {
		fmt.Fprintf(&b, "%s <- %s\n", s.nameOf(m.Stream), s.message(m.Msg))
	}
	for _, c := range s.closed {
		fmt.Fprintf(&b, "closes stream %d: %s\n", c.Stream, c.Why)
	}
	if at := s.m.Stage(); at != s.stage {
		s.stage = at
		fmt.Fprintf(&b, "stage: %v\n", at)
	}
	for _, l := range s.lines {
		fmt.Fprintf(&b, "logs: %s", l.Text)
		for _, f := range l.Fields {
			if f.Key != "session" && f.Key != "sessions" {
				fmt.Fprintf(&b, " %s=%s", f.Key, f.Value)
			}
		}
		b.WriteString("\n")
	}
	s.proposd, s.lines, s.closed, s.shown = nil, nil, nil, len(s.sent)
	return b.String()
}

func (s *script) nameOf(stream uint64) string {
	for _, n := range s.names {
		if s.clients[n].stream == stream {
			return n
		}
	}
	return fmt.Sprint("stream ", stream)
}

func (s *script) sessions(ids []cell.SessionID) (names []string) {
	for _, id := range ids {
		v, _ := s.tree.Session(id)
		names = append(names, v.Identity)
	}
	return names
}

func (s *script) txn(t tree.Txn) string {
	switch op := t.Op.(type) {
	case *tree.EndSessions:
		return fmt.Sprintf("the end of %v", s.sessions(op.Sessions))
	case *tree.MarkSilent:
		text := "that"
		for _, x := range op.Sessions {
			text += fmt.Sprintf(" %v is silent, with %v left", s.sessions([]cell.SessionID{x.Session}), x.Rest)
		}
		return text
	case *tree.HeardAgain:
		return fmt.Sprintf("that %v are heard again", s.sessions(op.Sessions))
	case *tree.Allow:
		return fmt.Sprintf("that leases of %v and %v may be running", op.SessionLease, op.CacheLease)
	case *tree.MarkCaching:
		return fmt.Sprintf("that %v cache", s.sessions(op.Sessions))
	case *tree.UnmarkCaching:
		return fmt.Sprintf("that %v cache nothing", s.sessions(op.Sessions))
	case *tree.Reap:
		return fmt.Sprintf("to reap %v", op.Names)
	case *tree.EndDelays:
		return fmt.Sprintf("the end of lock-delays of %v", op.Locks[0].Name)
	}
	text := strings.TrimPrefix(strings.TrimPrefix(fmt.Sprintf("%T", t.Op), "*tree."), "*call.")
	if t.Call > 0 {
		text += fmt.Sprintf(" as call %d", t.Call)
	}
	if len(t.Names) > 0 {
		text += fmt.Sprintf(" carrying %v", t.Names)
	}
	return text
}

func (s *script) message(m call.Message) string {
	switch m := m.(type) {
	case *call.Created:
		return fmt.Sprintf("created, in cache incarnation %d", uint32(m.Terms.Incarnation))
	case *call.Attached:
		return fmt.Sprintf("attached in epoch %d as stream %d, %d holds", m.Terms.Epoch, m.Stream, len(m.Holds))
	case *call.CallReply:
		held := ""
		if m.Result.Acquired != nil {
			held = fmt.Sprintf(", held %v", m.Result.Acquired.Held)
		}
		if m.Result.Code == cell.CodeOf(cell.ErrUsage) {
			held = ": " + m.Result.Message
		}
		return fmt.Sprintf("call %d: %v%s (proposed %v)", m.Number, m.Result.Code, held, m.Proposed)
	case *call.QueryReply:
		return "answer: " + answer(m)
	case *call.KeepAliveReply:
		return fmt.Sprintf("keepalive %d: parked %v, session %v, cache %v, incarnation %d", m.Number,
			lease.Duration(m.Parked), lease.Duration(m.Session), lease.Duration(m.Cache), uint32(m.Incarnation))
	case *call.Invalidate:
		return fmt.Sprintf("invalidate %d: %v", m.Seq, m.Names)
	case *call.Granted:
		return fmt.Sprintf("granted %s", m.Sequencer.Name)
	case *call.Taken:
		return fmt.Sprintf("taken: hold %d of stream %d, %v", uint32(m.Hold), m.Stream, m.Loss)
	case *call.Settings:
		return fmt.Sprintf("settings: session lease %v to %v, cache lease %v", m.Settings.Lengths.SessionLease,
			m.Settings.Lengths.SessionLeaseMax, m.Settings.Lengths.CacheLease)
	case *call.Ended:
		return "the session has ended: " + m.Why
	case *call.Refused:
		return fmt.Sprintf("refused: %v (epoch %d)", m.Code, m.Epoch)
	case *call.Events:
		text := fmt.Sprintf("events of watch %d:", m.Watch)
		for _, e := range m.Events {
			text += fmt.Sprintf(" %v %s", e.Kind, e.Name)
		}
		return text
	}
	return fmt.Sprintf("%T", m)
}

func answer(q *call.QueryReply) string {
	switch {
	case q.Code != 0:
		return q.Code.String()
	case q.Node != nil:
		return fmt.Sprintf("%q absent %v, cachable %v", q.Node.Contents, q.Node.Absent, q.Node.Cachable)
	case q.List != nil:
		return fmt.Sprintf("%d children, cachable %v", len(q.List.Children), q.List.Cachable)
	case q.Revalidate != nil:
		return fmt.Sprintf("kept %v, incarnation %d", q.Revalidate.Kept, uint32(q.Revalidate.Incarnation))
	case q.Locks != nil:
		text := ""
		for _, l := range q.Locks.Locks {
			text += fmt.Sprintf("%s %v, %d waiters, delay left %v", l.Name, l.Mode, len(l.Waiters), l.DelayLeft)
		}
		return text
	}
	return "ok"
}
