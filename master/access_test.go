package master

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// subject is a session of somebody, with a cache, and a mirror of all that its watch has told.
type subject struct {
	*client
	who    string
	cache  map[string]string
	mirror map[string]string
	seen   int // of what the rig has sent
	hold   *cell.Sequencer
	said   map[string]string // refusals, by what was asked
}

type realm struct {
	*rig
	rt       *rapid.T
	law      *law
	subjects []*subject
	denied   int
}

// B1, C6: for random ACLs, principals, operations, transactions, locks, reads, cached reads and watches,
// nothing is shown or changed that the law does not allow, and all that it allows is. What may be read
// at a replica is decided by the same tree (see package replica).
func TestB1_C6_NothingIsShownOrChangedThatIsNotAllowed(t *testing.T) {
	denied, cached := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		r := newRealm(t, rt)
		for range 60 {
			s := rapid.SampledFrom(r.subjects).Draw(rt, "who")
			if rapid.IntRange(0, 2).Draw(rt, "what") > 0 {
				r.do(s)
			} else {
				r.ask(s)
			}
			r.settle()
			r.compare()
			for _, s := range r.subjects {
				cached += len(s.cache)
			}
		}
		denied += r.denied
	})
	require.Greater(t, denied, 100, "refusals, without which this shows nothing")
	require.Greater(t, cached, 100, "cached answers, without which this shows nothing")
}

func newRealm(t *testing.T, rt *rapid.T) *realm {
	r := &realm{rig: newRig(t), rt: rt, law: newLaw()}
	for _, who := range []string{cell.Anonymous, "ann", "bea"} {
		s := &subject{client: r.openAs(who, who), who: who, cache: map[string]string{}, mirror: map[string]string{},
			said: map[string]string{}}
		s.cacher()
		s.keep()
		require.Zero(rt, s.client.ask(&call.Watch{ID: 1, Name: "/ls/x", Recursive: true, Locks: true}).Code)
		r.subjects = append(r.subjects, s)
	}
	r.settle()
	for _, op := range []call.Op{&call.Create{Name: "/ls/x/a"}, &call.Create{Name: "/ls/x/acl"},
		&call.Create{Name: "/ls/x/acl/p", Contents: []byte("ann\nbea")},
		&call.SetACL{Name: "/ls/x/a", ACL: cell.ACL{Read: "p", Write: "q", Change: "p"}},
		&call.Create{Name: "/ls/x/a/k", Contents: []byte("secret")}} {
		r.subjects[0].must(op)
		r.law.follows(op)
		r.settle()
	}
	return r
}

var places = []string{"/ls/x/a", "/ls/x/a/k", "/ls/x/a/k/z", "/ls/x/b", "/ls/x/acl", "/ls/x/acl/p", "/ls/x/acl/q",
	"/ls/x/acl/admin", "/ls/x"}

func (r *realm) place() cell.Name { return cell.Name(rapid.SampledFrom(places).Draw(r.rt, "name")) }

func (r *realm) text() []byte {
	return []byte(rapid.SampledFrom([]string{"", "ann", "bea", "ann\nbea", "*", "anonymous"}).Draw(r.rt, "contents"))
}

func (r *realm) list() string {
	return rapid.SampledFrom([]string{"p", "q", "everybody", "admin", ""}).Draw(r.rt, "acl")
}

func (r *realm) proof() *cell.Sequencer {
	if s := rapid.SampledFrom(r.subjects).Draw(r.rt, "whose proof"); rapid.IntRange(0, 5).Draw(r.rt, "proves") == 0 {
		return s.hold
	}
	return nil
}

func (r *realm) part() call.Part {
	n, proof := r.place(), r.proof()
	switch rapid.IntRange(0, 5).Draw(r.rt, "part") {
	case 0:
		return &call.Create{Name: string(n), Contents: r.text(), Parents: rapid.Bool().Draw(r.rt, "parents"), IfHeld: proof}
	case 1, 2:
		return &call.Write{Name: n, Contents: r.text(), OrCreate: rapid.Bool().Draw(r.rt, "or create"), Parents: true,
			IfHeld: proof}
	case 3:
		return &call.Delete{Name: n, IfHeld: proof}
	}
	if proof != nil {
		return &call.CheckSequencer{Sequencer: *proof}
	}
	return &call.Check{Name: n, Absent: rapid.Bool().Draw(r.rt, "absent")}
}

func (r *realm) op(s *subject) call.Op {
	switch rapid.IntRange(0, 9).Draw(r.rt, "op") {
	case 0, 1:
		return &call.SetACL{Name: r.place(), ACL: cell.ACL{Read: r.list(), Write: r.list(), Change: "p"}, IfHeld: r.proof()}
	case 2:
		return &call.Acquire{Name: r.place(), Mode: cell.Shared, Create: rapid.Bool().Draw(r.rt, "create"), Delay: -1}
	case 3:
		return &call.Set{Key: "lock_delay", Value: 1e9}
	case 4, 5:
		m := &call.Txn{}
		for range rapid.IntRange(1, 4).Draw(r.rt, "parts") {
			m.Parts = append(m.Parts, r.part())
		}
		return m
	}
	for {
		if op, ok := r.part().(call.Op); ok {
			return op
		}
	}
}

// do has a session do something, and compares what becomes of it.
func (r *realm) do(s *subject) {
	op := r.op(s)
	if op.Invalid() != "" {
		return
	}
	at := len(r.sent)
	before := r.tree.Mark()
	reply, ok := s.call(op)
	for !ok { // its round waits for acknowledgements
		r.settle()
		reply, ok = s.replyTo(s.calls)
	}
	s.acked = s.calls
	refused := cell.CodeOf(cell.ErrDenied) == reply.Result.Code
	if m, txn := op.(*call.Txn); txn {
		r.compareTxn(s, m, &reply.Result)
	} else {
		require.Equal(r.rt, !r.law.allows(s.who, op), refused, "%s: %T %+v: %s", s.who, op, op, reply.Result.Message)
	}
	if refused {
		r.denied++
		require.False(r.rt, reply.Proposed)
		require.Equal(r.rt, before.Index, r.tree.Mark().Index, "a refusal is proposed to nobody")
		for _, x := range r.sent[at:] {
			_, emptied := x.Msg.(*call.Invalidate)
			require.False(r.rt, emptied, "%s empties caches with what it may not do: %+v", s.who, op)
		}
	}
	if reply.Result.Code == 0 {
		r.law.follows(op)
		if a := reply.Result.Acquired; a != nil && a.Held {
			s.hold = &a.Sequencer
		}
	}
}

// compareTxn: the parts before the one that is refused are allowed, each after those before it; when it
// is for want of a right, that one is not.
func (r *realm) compareTxn(s *subject, m *call.Txn, result *call.Result) {
	then := r.law.clone()
	for i, p := range m.Parts {
		allowed := then.allows(s.who, p)
		if i+1 == result.Refused {
			require.Equal(r.rt, allowed, result.Code != cell.CodeOf(cell.ErrDenied), "%s: part %d %+v: %s", s.who, i+1, p,
				result.Message)
			return
		}
		if result.Code != 0 && result.Refused == 0 {
			return // the whole was
		}
		require.True(r.rt, allowed, "%s: part %d %+v", s.who, i+1, p)
		then.follows(p)
	}
}

// ask has a session ask something, and compares what it is told.
func (r *realm) ask(s *subject) {
	n := r.place()
	switch rapid.IntRange(0, 4).Draw(r.rt, "ask") {
	case 0, 1:
		if v, ok := s.cache[string(n)]; ok {
			require.True(r.rt, r.law.allows(s.who, &call.Read{Name: n}), "%s reads %s from its cache", s.who, n)
			require.Equal(r.rt, r.law.contents[string(n)], v)
			return
		}
		ask := &call.Read{Name: n, Cache: true}
		q := s.client.ask(ask)
		r.answered(s, ask, q)
		if q.Code != 0 {
			return
		}
		require.Equal(r.rt, r.law.there(string(n)), !q.Node.Absent)
		require.Equal(r.rt, r.law.contents[string(n)], string(q.Node.Contents))
		if q.Node.Cachable {
			s.cache[string(n)] = string(q.Node.Contents)
		}
	case 2:
		ask := &call.List{Name: n}
		q := s.client.ask(ask)
		r.answered(s, ask, q)
		if q.Code != 0 {
			return
		}
		for _, kid := range q.List.Children {
			require.Equal(r.rt, r.law.reads(s.who, string(kid.Name)), kid.ContentGeneration != 0, "%s lists %s", s.who, kid.Name)
		}
	case 3:
		q := s.client.ask(&call.Locks{Prefix: "/ls/x"})
		require.Zero(r.rt, q.Code)
		for _, l := range q.Locks.Locks {
			require.True(r.rt, r.law.sees(s.who, string(l.Name)), "%s is shown the lock of %s", s.who, l.Name)
		}
	case 4:
		q := s.client.ask(&call.Sessions{})
		for _, x := range q.Sessions.Sessions {
			require.True(r.rt, x.Principal == s.who || r.law.admin(s.who), "%s is shown a session of %s", s.who, x.Principal)
		}
	}
}

// answered compares whether a question was refused; a refusal says the same whatever is there.
func (r *realm) answered(s *subject, ask call.Ask, q *call.QueryReply) {
	refused := q.Code == cell.CodeOf(cell.ErrDenied)
	require.Equal(r.rt, !r.law.allows(s.who, ask), refused, "%s asks %T %+v: %s", s.who, ask, ask, q.Message)
	if !refused {
		return
	}
	r.denied++
	require.Nil(r.rt, q.Node)
	require.Nil(r.rt, q.List)
	what := fmt.Sprintf("%T %+v", ask, ask)
	if before, ok := s.said[what]; ok {
		require.Equal(r.rt, before, q.Message)
	}
	s.said[what] = q.Message
}

// settle has every client take what it was sent.
func (r *realm) settle() {
	for busy := true; busy; {
		busy = false
		for _, s := range r.subjects {
			for ; s.seen < len(r.sent); s.seen++ {
				if x := r.sent[s.seen]; x.Stream == s.stream {
					busy = s.takes(x.Msg) || busy
				}
			}
		}
	}
}

// takes obeys a message; it reports whether it has answered.
func (s *subject) takes(msg call.Message) bool {
	switch m := msg.(type) {
	case *call.Invalidate:
		if m.Everything {
			clear(s.cache)
		}
		for _, n := range m.Names { // and every absence that may rest on it
			for c := range s.cache {
				if n.Covers(cell.Name(c)) {
					delete(s.cache, c)
				}
			}
		}
		s.seq = m.Seq
		s.flush()
		return true
	case *call.KeepAliveReply:
		s.keep()
		return true
	case *call.Events:
		for _, e := range m.Events {
			switch e.Kind {
			case call.EventResync:
				clear(s.mirror)
			case call.EventCurrent, call.EventCreated, call.EventModified:
				s.mirror[string(e.Name)] = string(e.Contents)
			case call.EventDeleted:
				delete(s.mirror, string(e.Name))
			}
		}
	}
	return false
}

// compare: what everybody may serve from the cache it may read, and what its watch has told is what it
// may read, all of it.
func (r *realm) compare() {
	for _, s := range r.subjects {
		for n, v := range s.cache {
			require.True(r.rt, r.law.allows(s.who, &call.Read{Name: cell.Name(n)}), "%s caches %s", s.who, n)
			require.Equal(r.rt, r.law.contents[n], v)
		}
		visible := map[string]string{}
		for n, v := range r.law.contents {
			if r.law.reads(s.who, n) {
				visible[n] = v
			}
		}
		require.Equal(r.rt, visible, s.mirror, "what the watch of %s has told", s.who)
	}
}

// C6: what a client has set aside is confirmed to it only if it may still read it. That a list has
// changed shows at no node.
func TestC6_WhatMayNotBeReadAnyMoreIsNotConfirmed(t *testing.T) {
	r := newRig(t)
	admin, c := r.open("admin"), r.openAs("c", "ann").cacher()
	for _, op := range []call.Op{create("/ls/x/a"), create("/ls/x/acl"),
		&call.Create{Name: "/ls/x/acl/p", Contents: []byte("ann")}, &call.SetACL{Name: "/ls/x/a", ACL: cell.ACL{Read: "p"}}} {
		admin.must(op)
	}
	q := c.ask(&call.Read{Name: "/ls/x/a"})
	require.Zero(t, q.Code, q.Message)
	claim := call.Claim{Name: "/ls/x/a", Instance: q.Node.Stat.Instance, Node: true, Zxid: q.Node.Stat.Zxid,
		Checksum: q.Node.Stat.Checksum}
	kept := func() bool {
		q := c.ask(&call.Revalidate{Claims: []call.Claim{claim}})
		require.Zero(t, q.Code, q.Message)
		return q.Revalidate.Kept[0]
	}
	require.True(t, kept())
	admin.call(put("/ls/x/acl/p", "bea"))
	i := c.invalidated()
	require.True(t, i != nil && i.Everything)
	c.flush()
	require.False(t, kept())
}
