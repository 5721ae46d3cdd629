package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// opened gives a handle of a node, and its instance.
func (c *client) opened(n cell.Name, mode call.HandleMode) (*call.Handle, uint64) {
	c.r.t.Helper()
	q := c.ask(&call.Read{Name: n, StatOnly: true, Open: true, Mode: mode})
	require.Zero(c.r.t, q.Code, q.Message)
	require.Equal(c.r.t, mode, q.Node.Handle.Mode)
	return q.Node.Handle, q.Node.Stat.Instance
}

// shows asks for an op through a handle, and says whether it was applied; else the stream is over.
func (c *client) shows(h *call.Handle, op call.Op) bool {
	c.r.t.Helper()
	closed := len(c.r.closed)
	msg := c.callMsg(op)
	msg.Handle = h
	c.send(msg)
	reply, ok := c.replyTo(msg.Number)
	require.NotEqual(c.r.t, ok, len(c.r.closed) > closed, "answered, or closed")
	if !ok {
		c.calls--
		c.attach()
		return false
	}
	c.acked = msg.Number
	return reply.Result.Code == 0
}

func TestB1_AHandleIsGoodForWhatItWasGivenFor(t *testing.T) {
	r := newRig(t)
	alice, bob := r.open("alice"), r.open("bob")
	alice.must(create("/ls/x/f"))
	alice.must(create("/ls/x/g"))
	h, f := alice.opened("/ls/x/f", call.HandleWrites)
	write := func(n cell.Name, instance uint64) call.Op { return &call.Write{Name: n, Instance: instance} }
	require.True(t, alice.shows(h, write("/ls/x/f", f)))

	_, g := alice.opened("/ls/x/g", 0)
	reads, _ := alice.opened("/ls/x/f", 0)
	require.False(t, alice.shows(h, write("/ls/x/g", g)), "another node")
	require.False(t, alice.shows(h, write("/ls/x/f", f+1)), "another instance")
	require.False(t, alice.shows(h, write("/ls/x/f", 0)), "any instance")
	require.False(t, alice.shows(h, &call.Acquire{Name: "/ls/x/f", Instance: f, Mode: cell.Shared}), "another use")
	require.False(t, alice.shows(h, create("/ls/x/new")), "what goes through no handle")
	require.False(t, alice.shows(reads, write("/ls/x/f", f)), "opened to read only")
	require.False(t, bob.shows(h, write("/ls/x/f", f)), "another session's")
}

func TestB1_NobodyMakesAHandleHimself(t *testing.T) {
	r := newRig(t)
	alice := r.open("alice")
	alice.must(create("/ls/x/f"))
	reads, f := alice.opened("/ls/x/f", 0)
	op := &call.Write{Name: "/ls/x/f", Instance: f}
	for what, forge := range map[string]func(h *call.Handle){
		"another mode":  func(h *call.Handle) { h.Mode = call.HandleWrites },
		"another epoch": func(h *call.Handle) { h.Mode, h.Epoch = call.HandleWrites, h.Epoch+1 },
		"no digits":     func(h *call.Handle) { h.Mode, h.Digits = call.HandleWrites, [16]byte{} },
	} {
		h := *reads
		forge(&h)
		require.False(t, alice.shows(&h, op), what)
	}
	good, _ := alice.opened("/ls/x/f", call.HandleWrites)
	for i := range good.Digits {
		h := *good
		h.Digits[i]++
		require.False(t, alice.shows(&h, op), "digit %d", i)
	}
	require.True(t, alice.shows(good, op))
}

// TestC5_ALaterMasterHonoursAHandle: the session, instance, mode and epoch are all in it; nothing
// has to be rebuilt.
func TestC5_ALaterMasterHonoursAHandle(t *testing.T) {
	r := newRig(t)
	alice := r.open("alice")
	alice.must(create("/ls/x/f"))
	h, f := alice.opened("/ls/x/f", call.HandleLocks)
	r.failOver()
	r.step()
	_, ok := alice.attach()
	require.True(t, ok)
	require.Less(t, h.Epoch, r.epoch)
	require.True(t, alice.shows(h, &call.Acquire{Name: "/ls/x/f", Instance: f, Mode: cell.Exclusive, Delay: -1}))
}

// TestC2_AHandleWithASequencerFailsWithIt is Chubby's SetSequencer: what goes through the handle
// fails once the hold has ended; reads at the master, acquires in the replicated state.
func TestC2_AHandleWithASequencerFailsWithIt(t *testing.T) {
	r := newRig(t)
	alice := r.open("alice")
	alice.must(create("/ls/x/f"))
	lock := alice.must(&call.Acquire{Name: "/ls/x/l", Mode: cell.Exclusive, Create: true, Delay: -1})
	q := lock.Acquired.Sequencer
	h, f := alice.opened("/ls/x/f", call.HandleLocks)
	read := func() cell.Code {
		alice.queries++
		alice.send(&call.Query{Epoch: alice.epoch, Number: alice.queries, Handle: h, IfHeld: &q,
			Ask: &call.Read{Name: "/ls/x/f", Instance: f}})
		reply, ok := last[*call.QueryReply](alice)
		require.True(t, ok && reply.Number == alice.queries)
		require.Equal(t, reply.Code == 0, reply.Node != nil)
		return reply.Code
	}
	acquire := &call.Acquire{Name: "/ls/x/f", Instance: f, Mode: cell.Shared, Delay: -1, IfHeld: &q}
	require.Zero(t, read())
	require.True(t, alice.shows(h, acquire))
	alice.must(&call.Release{Name: "/ls/x/l", Hold: q.Hold})
	require.Equal(t, cell.CodeOf(cell.ErrStaleSequencer), read())
	require.False(t, alice.shows(h, acquire))
}
