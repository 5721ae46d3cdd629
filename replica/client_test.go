package replica

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// writer is a client session that writes, on a stream of the master's.
type writer struct {
	rig    *rig
	stream uint64
	next   uint64
	epoch  cell.Epoch
}

func (g *rig) writer(stream uint64) *writer {
	m := g.master()
	w := &writer{rig: g, stream: stream, epoch: m.r.began}
	m.say(stream, hello(), &call.CreateSession{Key: cell.SessionKey{byte(stream)}, Epoch: w.epoch})
	require.IsType(g.t, &call.Created{}, m.told(stream)[1])
	return w
}

// ask is the writer's next call: a write of some bytes to a node of its own.
func (w *writer) ask(bytes int) *call.Call {
	w.next++
	return &call.Call{Epoch: w.epoch, Number: w.next, Acked: w.next - 1, Op: &call.Write{
		Name: cell.Name(fmt.Sprintf("/ls/x/w%d", w.stream)), Contents: make([]byte, bytes), OrCreate: true}}
}

// writes has n writes done, one after the other.
func (w *writer) writes(n, bytes int) {
	w.rig.t.Helper()
	for range n {
		w.send(w.ask(bytes))
	}
}

// does has an op done.
func (w *writer) does(op call.Op) {
	w.rig.t.Helper()
	c := w.ask(0)
	c.Op = op
	w.send(c)
}

func (w *writer) send(c *call.Call) {
	w.rig.t.Helper()
	m := w.rig.master()
	m.say(w.stream, c)
	told := m.told(w.stream)
	reply, ok := told[len(told)-1].(*call.CallReply)
	require.True(w.rig.t, ok, "%T", told[len(told)-1])
	require.Zero(w.rig.t, reply.Result.Code, reply.Result.Message)
}
