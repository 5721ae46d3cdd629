package master

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// told is everything that c's stream has been sent since from, one word each: the kind of an
// event, the number of a question's or a call's answer.
func (c *client) told(from int) (all []string) {
	for _, s := range c.r.sent[from:] {
		if s.Stream != c.stream {
			continue
		}
		switch m := s.Msg.(type) {
		case *call.Events:
			for _, e := range m.Events {
				all = append(all, e.Kind.String())
			}
		case *call.QueryReply:
			all = append(all, fmt.Sprint("answer ", m.Number))
		case *call.CallReply:
			all = append(all, fmt.Sprint("call ", m.Number))
		case *call.Ended:
			all = append(all, "ended")
		}
	}
	return all
}

// many makes n nodes below /ls/x/many.
func (c *client) many(n int) {
	c.r.t.Helper()
	c.must(create("/ls/x/many"))
	for i := range n {
		c.must(create(fmt.Sprintf("/ls/x/many/%04d", i)))
	}
}

func (c *client) query(a call.Ask) Input {
	c.queries++
	return Message{Stream: c.stream, Address: "a", Msg: &call.Query{Epoch: c.epoch, Number: c.queries, Ask: a}}
}

func (c *client) mutation(op call.Op) Input {
	return Message{Stream: c.stream, Address: "a", Msg: c.callMsg(op)}
}

// count is how many times a word was told.
func count(all []string, word string) (n int) {
	for _, w := range all {
		if w == word {
			n++
		}
	}
	return n
}

// TestC9_EventsLeaveBeforeNewerDataWhileAWatchCatchesUp: a watch that is more than a piece of the
// past behind, and one whose first state takes several pieces. What is asked meanwhile is answered
// when they are synced, in the order in which it was asked.
func TestC9_EventsLeaveBeforeNewerDataWhileAWatchCatchesUp(t *testing.T) {
	const many = pieceNodes + 100
	for _, x := range []struct {
		what  string
		watch func(r *rig, from cell.Zxid) *call.Watch
		kind  string
	}{
		{"behind", func(_ *rig, from cell.Zxid) *call.Watch {
			return &call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true, From: from}
		}, "created"},
		{"first state", func(*rig, cell.Zxid) *call.Watch {
			return &call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true}
		}, "current"},
	} {
		r := newRig(t)
		r.unchecked = true
		w := r.open("w")
		from := r.tree.Mark().Zxid
		w.many(many)
		c := r.open("c")
		c.must(create("/ls/x/own"))
		sent := len(r.sent)
		r.step(c.query(x.watch(r, from)), c.query(&call.Read{Name: "/ls/x/many/0300"}),
			c.mutation(put("/ls/x/many/0000", "v2")), c.query(&call.List{Name: "/ls/x/many"}))
		all := c.told(sent)
		require.Equal(t, "answer 1", all[0], x.what)
		at := slices.Index(all, "answer 2")
		require.Equal(t, many+1, count(all[:at], x.kind), x.what)
		require.Equal(t, []string{"answer 2", "answer 3", "modified", "call 2"}, all[at:], x.what)
		require.Empty(t, r.m.behind)
	}
}

// TestC9_WhatWaitsBehindAWatchIsBounded: over the bound a question is told to come again, and calls
// end the stream.
func TestC9_WhatWaitsBehindAWatchIsBounded(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	w, c := r.open("w"), r.open("c")
	w.many(20 * pieceNodes)
	in := []Input{c.query(&call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true})}
	for range maxBehind + 1 {
		in = append(in, c.query(&call.Read{Name: "/ls/x/many"}))
	}
	r.once(append(in, c.mutation(create("/ls/x/own")))...)
	q, ok := last[*call.QueryReply](c)
	require.True(t, ok)
	require.Equal(t, cell.CodeOf(cell.ErrOverloaded), q.Code)
	require.Positive(t, q.RetryAfter)
	r.once(r.commit())
	require.NotEmpty(t, r.closed)
	require.Contains(t, r.closed[0].Why, "waits behind")
}

// TestC9_AStreamThatEndsTakesWithItWhatWaited: a new stream asks anew.
func TestC9_AStreamThatEndsTakesWithItWhatWaited(t *testing.T) {
	for _, end := range []func(c *client){
		func(c *client) { c.r.step(StreamDown{c.stream}) },
		func(c *client) { c.attach() },
	} {
		r := newRig(t)
		r.unchecked = true
		w, c := r.open("w"), r.open("c")
		w.many(20 * pieceNodes)
		r.once(c.query(&call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true}), c.query(&call.Read{Name: "/ls/x/many"}))
		require.Len(t, r.m.behind, 1)
		end(c)
		require.Empty(t, r.m.behind)
	}
}

// TestC7_ASessionThatEndsIsToldWhatWasDecided: the answers to its calls leave before the news of
// its end.
func TestC7_ASessionThatEndsIsToldWhatWasDecided(t *testing.T) {
	r := newRig(t)
	r.unchecked = true
	w, c := r.open("w"), r.open("c")
	w.many(20 * pieceNodes)
	sent := len(r.sent)
	r.once(c.query(&call.Watch{ID: 1, Name: "/ls/x/many", Recursive: true}), c.mutation(create("/ls/x/own")),
		c.mutation(&call.CloseSession{}))
	r.once(r.commit())
	r.once(r.commit())
	all := c.told(sent)
	require.Equal(t, []string{"call 1", "call 2", "ended"}, all[len(all)-3:])
	require.Empty(t, r.m.behind)
}

// TestC9_AnAnswerWaitsForItsCallOnTheNewStream: a call lands when its session has a new stream, on
// which it has not yet asked for its watches again. Its answer comes when it is sent there, behind
// the events.
func TestC9_AnAnswerWaitsForItsCallOnTheNewStream(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.ask(&call.Watch{ID: 1, Name: "/ls/x/a"})
	from := r.tree.Mark().Zxid
	r.keepLog = true
	landing := c.callMsg(create("/ls/x/a"))
	c.send(landing)
	refused := c.callMsg(create("/ls/x")) // waits for its turn behind that, to be refused
	c.send(refused)
	c.attach()
	sent := len(r.sent)
	r.once(r.commit())
	r.once()
	require.Empty(t, c.told(sent))
	c.step(c.query(&call.Watch{ID: 2, Name: "/ls/x/a", From: from}))
	c.send(landing)
	c.send(refused)
	require.Equal(t, []string{"answer 2", "created", "call 1", "call 2"}, c.told(sent))
}

func (c *client) step(in ...Input) { c.r.step(in...) }
