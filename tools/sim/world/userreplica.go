package world

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// replicaTags begin the numbers of a user's links that belong to no session.
const replicaTags = 1 << 40

// replicaRead is one read at a replica, on a link of its own.
type replicaRead struct {
	name cell.Name
	seen cell.Zxid // when it was sent
	op   *check.Operation
}

// readReplica reads a name at any replica, which may answer with less than the newest, but not
// with less than this client has seen; or asks the master first how far the history goes: then the
// read is one like all others.
func (v *visit) readReplica() {
	c := v.u.cell
	name := c.registerName()
	if c.loop.Chance(500_000) {
		v.dialReplica(&replicaRead{name: name})
		return
	}
	o := c.registers.Begin(int(v.u.node), string(name), check.Read, "", int64(c.loop.Now()))
	if o == nil {
		return
	}
	v.last++
	v.busy++
	v.asked[v.last] = func(d session.Done) {
		v.busy--
		if d.Err != nil || d.Reply == nil || d.Reply.Code != 0 {
			o.End(check.Nothing, "", int64(c.loop.Now()))
			return
		}
		v.dialReplica(&replicaRead{name: name, op: o})
	}
	v.push(session.Ask{ID: v.last, Ask: &call.Sync{}})
}

func (v *visit) dialReplica(r *replicaRead) {
	c := v.u.cell
	v.busy++
	v.dials++
	v.reading[replicaTags+v.dials] = r
	c.network.Dial(v.u.node, c.machines[c.loop.Below(len(c.machines))].node, Client, replicaTags+v.dials)
}

// saw notes how far the end of a call has shown the history.
func (v *visit) saw(d session.Done) {
	v.seen = max(v.seen, d.Result.Zxid, cell.Zxid(d.Sequencer.Grant))
	if d.Reply != nil {
		v.seen = max(v.seen, d.Reply.Zxid)
	}
}

// fromReplica takes what such a link brings.
func (v *visit) fromReplica(d Delivery) {
	r, net := v.reading[d.Tag], v.u.cell.network
	if r == nil {
		return
	}
	switch d.What {
	case Up:
		r.seen = v.seen
		for _, m := range []call.Message{&call.Hello{Format: cell.Format, Cell: "local"},
			&call.Query{Number: 1, AtReplica: true, Seen: r.seen, Ask: &call.Read{Name: r.name}}} {
			kind, body := call.Encode(m)
			net.Send(v.u.node, d.Link, kind, body)
		}
		return
	case Frame:
		msg, err := call.Decode(d.Type, d.Body)
		if err != nil {
			v.u.cell.court.Fail("B1", "user %d cannot read what machine %d sent: %v", v.u.node, d.Peer, err)
			return
		}
		if _, welcome := msg.(*call.Welcome); welcome {
			return
		}
		reply, _ := msg.(*call.QueryReply)
		v.readAtReplica(r, reply)
		net.Close(v.u.node, d.Link)
	default:
		v.readAtReplica(r, nil)
	}
	delete(v.reading, d.Tag)
	v.busy--
}

// readAtReplica judges an answer; nil is none.
func (v *visit) readAtReplica(r *replicaRead, reply *call.QueryReply) {
	c := v.u.cell
	answer, contents := check.Nothing, ""
	if reply != nil && reply.Code == 0 && reply.Node != nil {
		c.counters.AtReplicas++
		answer, contents = check.Done, string(reply.Node.Contents)
		if reply.Node.Absent {
			answer = check.Absent
		}
		if !kept(r.name) { // what may have rotted is judged where it leaves
			c.versions.Answered(int(v.u.node), r.name, r.seen, reply.Zxid, contents, !reply.Node.Absent)
		}
		v.seen = max(v.seen, reply.Zxid)
	}
	if r.op != nil {
		r.op.End(answer, contents, int64(c.loop.Now()))
	}
}

// bookVersions enters what a transaction of the history did to the names that are read at replicas.
func (c *Cell) bookVersions(done tree.Applied) {
	for _, ch := range done.Changes {
		if !strings.HasPrefix(string(ch.Name), "/ls/local/r") {
			continue
		}
		switch ch.Kind {
		case call.EventCreated, call.EventModified:
			c.versions.Changed(ch.Name, ch.Zxid, string(ch.Contents), true)
		case call.EventDeleted:
			c.versions.Changed(ch.Name, ch.Zxid, "", false)
		}
	}
}
