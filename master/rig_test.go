package master

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// rig is a master over a real tree, with a log that commits at once, or when it is told to.
type rig struct {
	t       *testing.T
	tree    *tree.Tree
	m       *Master
	epoch   cell.Epoch
	at      Moment
	noLease bool
	noRoom  bool // on the disks
	keepLog bool // proposals wait for commit
	counter uint32
	index   uint64
	waiting []Proposal // proposed, not committed
	sent    []Send     // since the last look, of all streams
	paused  []Pause
	deeds   []Deed
	closed  []Close
	lines   []Line
	proposd []Proposal // since the last look
	count   Out        // counters only, summed up
	wake    lease.Instant
	streams uint64
	// principals are who speaks on a stream; whoever is not there is anonymous
	principals map[uint64]string
	unchecked  bool // the tree is too large to be checked after each commit
}

func lengths() cell.Lengths { return cell.DefaultLengths() }

func newRig(t *testing.T) *rig { return newRigWith(t, unpaced()) }

// unpaced are limits without rates worth the name: a rig's time stands still while thousands ask.
func unpaced() cell.Limits {
	l := cell.DefaultLimits()
	l.SessionRate, l.SessionBytes, l.PrincipalRate, l.PrincipalBytes = 1<<30, 1<<40, 1<<30, 1<<40
	return l
}

func newRigWith(t *testing.T, limits cell.Limits) *rig {
	r := &rig{t: t, tree: tree.New(tree.Options{HistoryCount: 1000, HistoryBytes: 1 << 20}), epoch: 1}
	r.at.Now = lease.Instant(lease.Second)
	r.begin(&tree.Birth{Cell: "x", ID: cell.CellID{1}, Lengths: lengths(), Limits: limits, Format: cell.Format,
		HandleKey: [32]byte{7},
		Members:   cell.Members{{ID: 1, Incarnation: 1, Client: "a:1", Peer: "a:2", HTTP: "a:3"}}})
	r.step()
	require.True(t, r.m.Ready())
	return r
}

// begin starts a mastership in r.epoch.
func (r *rig) begin(birth *tree.Birth) {
	var out Out
	r.counter = 0
	r.m = New(r.at.Now, Config{Self: 1, Epoch: r.epoch, Tree: r.tree, Birth: birth}, &out)
	r.collect(&out)
}

// failOver commits what is in the log, and gives the mastership to another.
func (r *rig) failOver() {
	for len(r.waiting) > 0 {
		r.commit()
	}
	r.epoch++
	r.begin(nil)
}

func (r *rig) collect(out *Out) {
	r.sent = append(r.sent, out.Sends...)
	r.closed = append(r.closed, out.Closes...)
	r.deeds = append(r.deeds, out.Deeds...)
	r.paused = append(r.paused, out.Pauses...)
	r.lines = append(r.lines, out.Lines...)
	r.proposd = append(r.proposd, out.Proposals...)
	r.waiting = append(r.waiting, out.Proposals...)
	r.count.Lapses += out.Lapses
	r.count.Resyncs += out.Resyncs
	r.count.Expired += out.Expired
	r.count.Rounds = append(r.count.Rounds, out.Rounds...)
	r.count.Requests = append(r.count.Requests, out.Requests...)
	r.wake = out.WakeAt
}

// step gives the master inputs, and then whatever follows at this same instant.
func (r *rig) step(in ...Input) {
	r.once(in...)
	for range 10_000 {
		switch {
		case !r.keepLog && len(r.waiting) > 0:
			r.once(r.commit())
		case len(r.m.lingering.all) > 0: // that it takes its time has tests of its own
			r.m.lingering.by = r.at.Now
			r.once()
		case r.wake <= r.at.Now:
			r.once()
		default:
			return
		}
	}
	r.t.Fatal("the master does not come to rest")
}

func (r *rig) once(in ...Input) {
	var out Out
	r.at.Lease = r.at.Now.Add(lease.Second)
	if r.noLease {
		r.at.Lease = 0
	}
	r.at.Wall, r.at.Full = int64(r.at.Now), r.noRoom
	for i := range in {
		if m, ok := in[i].(Message); ok && m.Principal == "" {
			if m.Principal = r.principals[m.Stream]; m.Principal == "" {
				m.Principal = cell.Anonymous
			}
			in[i] = m
		}
	}
	r.m.Step(r.at, in, &out)
	r.at.Late = 0
	r.collect(&out)
}

// commit applies the oldest proposal.
func (r *rig) commit() Input {
	p := r.waiting[0]
	r.waiting = r.waiting[1:]
	r.counter++
	r.index++
	a := r.tree.Apply(record.Make(r.index, cell.MakeZxid(r.epoch, r.counter), p.Kind, p.Payload))
	require.Empty(r.t, a.Fatal)
	if !r.unchecked {
		require.NoError(r.t, r.tree.Check())
	}
	return &Applied{a}
}

// pass lets time go by, waking the master whenever it has asked for it.
func (r *rig) pass(d lease.Duration) {
	end := r.at.Now.Add(d)
	for r.wake < end {
		r.at.Now = max(r.at.Now, r.wake)
		r.step()
	}
	r.at.Now = end
	r.step()
}

// client is one session's side of the wire, as simple as can be.
type client struct {
	r       *rig
	key     cell.SessionKey
	id      cell.SessionID
	stream  uint64
	number  uint64 // of its attach
	calls   uint64
	acked   uint64
	queries uint64
	keeps   uint64
	seq     uint64 // invalidations obeyed
	inc     uint64
	epoch   cell.Epoch
}

func (r *rig) stream() uint64 { r.streams++; return r.streams }

// openAs makes a session of a principal.
func (r *rig) openAs(name, principal string) *client {
	if r.principals == nil {
		r.principals = map[uint64]string{}
	}
	r.principals[r.streams+1] = principal
	return r.open(name)
}

// open makes a session.
func (r *rig) open(name string) *client {
	sum := sha256.Sum256([]byte(name))
	c := &client{r: r, stream: r.stream(), epoch: r.epoch}
	copy(c.key[:], sum[:])
	r.step(Message{Stream: c.stream, Address: name + ":9", Msg: &call.CreateSession{Key: c.key, Identity: name}})
	if made, ok := last[*call.Created](c); ok {
		c.id, c.inc, c.number = made.Session, made.Terms.Incarnation, 1
	}
	return c
}

func (c *client) send(msg call.Message) {
	c.r.step(Message{Stream: c.stream, Address: "again:9", Msg: msg})
}

// attach joins the session's mastership on a new stream.
func (c *client) attach() (*call.Attached, bool) {
	c.stream = c.r.stream()
	c.number++
	c.epoch, c.seq = c.r.epoch, 0
	c.send(&call.Attach{Session: c.id, Key: c.key, Epoch: c.epoch, Stream: c.number})
	a, ok := last[*call.Attached](c)
	if ok {
		c.inc = a.Terms.Incarnation
	}
	return a, ok
}

func (c *client) callMsg(op call.Op) *call.Call {
	c.calls++
	return &call.Call{Epoch: c.epoch, Number: c.calls, Acked: min(c.acked, c.calls-1), Op: op}
}

// call sends a mutation and gives its reply, if there is one yet.
func (c *client) call(op call.Op) (*call.CallReply, bool) {
	msg := c.callMsg(op)
	c.send(msg)
	reply, ok := c.replyTo(msg.Number)
	if ok && reply.Result.RetryAfter == 0 {
		c.acked = msg.Number
	}
	return reply, ok
}

func (c *client) replyTo(number uint64) (*call.CallReply, bool) {
	for i := len(c.r.sent) - 1; i >= 0; i-- {
		if m, ok := c.r.sent[i].Msg.(*call.CallReply); ok && c.r.sent[i].Stream == c.stream && m.Number == number {
			return m, true
		}
	}
	return nil, false
}

// must is a call that succeeds at once.
func (c *client) must(op call.Op) call.Result {
	c.r.t.Helper()
	reply, ok := c.call(op)
	require.True(c.r.t, ok, "no reply to %T", op)
	require.True(c.r.t, reply.Proposed)
	require.Zero(c.r.t, reply.Result.Code, reply.Result.Message)
	return reply.Result
}

func (c *client) ask(a call.Ask) *call.QueryReply {
	c.r.t.Helper()
	c.queries++
	c.send(&call.Query{Epoch: c.epoch, Number: c.queries, Ask: a})
	q, ok := last[*call.QueryReply](c)
	require.True(c.r.t, ok && q.Number == c.queries, "no reply to %T", a)
	return q
}

// keep sends a KeepAlive.
func (c *client) keep() {
	c.keeps++
	c.send(&call.KeepAlive{Number: c.keeps, Epoch: c.epoch, Stream: c.number, Flushed: c.seq})
}

// renewed is the reply to the newest KeepAlive, if there is one.
func (c *client) renewed() (*call.KeepAliveReply, bool) {
	k, ok := last[*call.KeepAliveReply](c)
	return k, ok && k.Number == c.keeps
}

func (c *client) flush() {
	c.send(&call.Flushed{Epoch: c.epoch, Stream: c.number, Seq: c.seq, Incarnation: c.inc})
}

// cacher makes c a session that may cache: logged so, with a cache lease.
func (c *client) cacher() *client {
	c.r.t.Helper()
	c.read("/ls/x")
	c.keep()
	k, ok := c.renewed()
	require.True(c.r.t, ok)
	require.NotZero(c.r.t, k.Cache)
	return c
}

// read reads through the cache and reports whether the answer may be kept.
func (c *client) read(n cell.Name) bool {
	c.r.t.Helper()
	q := c.ask(&call.Read{Name: n, Cache: true})
	require.Zero(c.r.t, q.Code, q.Message)
	if q.Node.Cachable {
		require.Equal(c.r.t, c.inc, q.Node.Incarnation)
	}
	return q.Node.Cachable
}

// invalidated is the newest invalidation, obeyed but not acked; nil when there is none unseen.
func (c *client) invalidated() *call.Invalidate {
	i, ok := last[*call.Invalidate](c)
	if !ok || i.Seq <= c.seq {
		return nil
	}
	c.seq = i.Seq
	return i
}

// events are all that the client's stream has been sent of a watch, as kind and name.
func (c *client) events(watch uint64) (all []string) {
	for _, s := range c.r.sent {
		if e, ok := s.Msg.(*call.Events); ok && s.Stream == c.stream && e.Watch == watch {
			for _, x := range e.Events {
				all = append(all, fmt.Sprintf("%s %s %s", x.Kind, x.Name, x.Contents))
			}
		}
	}
	return all
}

func last[M call.Message](c *client) (M, bool) {
	for i := len(c.r.sent) - 1; i >= 0; i-- {
		if m, ok := c.r.sent[i].Msg.(M); ok && c.r.sent[i].Stream == c.stream {
			return m, true
		}
	}
	var none M
	return none, false
}

func create(n string) *call.Create { return &call.Create{Name: n, Contents: []byte("v1")} }

func put(n cell.Name, v string) *call.Write { return &call.Write{Name: n, Contents: []byte(v)} }
