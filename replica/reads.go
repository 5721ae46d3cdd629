package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
)

// Reads that any replica answers wait here until it has applied what their client has seen, for a
// while: then the client asks another.
const (
	readPatience = 500 * lease.Millisecond
	mostParked   = 1_000
)

// parkedRead is one that waits.
type parkedRead struct {
	stream    uint64
	principal string
	query     *call.Query
	until     lease.Instant
}

// serves reports whether this replica may answer reads by itself: it has been brought up to its
// leader's history (Z6), and follows it still.
func (r *Replica) serves() bool {
	switch r.core.Role() {
	case "master", "follower", "learner":
		return r.tree.Born() && r.ended == "" && !r.suspect()
	}
	return false
}

// readHere answers a read from what is applied here, once that is no older than what the client
// has seen.
func (r *Replica) readHere(at Moment, x FromClient, q *call.Query, eff *Effects) {
	switch {
	case !r.serves():
		r.turnAway(x.Stream, q, "this replica is not synchronized: "+r.why(), eff)
	case r.tree.Mark().Zxid >= q.Seen:
		r.answerHere(x.Stream, x.Principal, q, eff)
	case len(r.parked) >= mostParked:
		r.turnAway(x.Stream, q, "too many reads wait for this replica to catch up", eff)
	default:
		r.parked = append(r.parked, parkedRead{stream: x.Stream, principal: x.Principal, query: q,
			until: at.Now.Add(readPatience)})
	}
}

// readParked answers those that waited for what has been applied now, and turns away those that
// have waited for too long.
func (r *Replica) readParked(at Moment, eff *Effects) {
	if len(r.parked) == 0 {
		return
	}
	mark, serves := r.tree.Mark().Zxid, r.serves()
	kept := r.parked[:0]
	for _, p := range r.parked {
		switch {
		case !r.streams.welcome[p.stream]:
		case !serves:
			r.turnAway(p.stream, p.query, "this replica is not synchronized: "+r.why(), eff)
		case mark >= p.query.Seen:
			r.answerHere(p.stream, p.principal, p.query, eff)
		case at.Now >= p.until:
			r.turnAway(p.stream, p.query, fmt.Sprintf("this replica is behind: it has applied %v, and %v was seen",
				mark, p.query.Seen), eff)
		default:
			kept = append(kept, p)
			eff.WakeAt = min(eff.WakeAt, p.until)
		}
	}
	clear(r.parked[len(kept):])
	r.parked = kept
}

// answerHere answers from the tree as it is, by the rights as they are in it: no cache may keep it, and
// nobody is registered (C6).
func (r *Replica) answerHere(stream uint64, principal string, q *call.Query, eff *Effects) {
	reply := &call.QueryReply{Number: q.Number, Zxid: r.tree.Mark().Zxid}
	err := r.tree.Permit(principal, q.Ask)
	op := "replica_read"
	switch a := q.Ask.(type) {
	case *call.Read:
		if err == nil {
			reply.Node, err = r.tree.ReadNode(a)
		}
	case *call.List:
		op = "replica_list"
		if err == nil {
			reply.List, err = r.tree.ReadList(principal, a, call.MaxPage)
		}
	default:
		err = fmt.Errorf("%w: a replica does not answer %T", cell.ErrProtocol, a)
	}
	if err != nil {
		f := call.Fail(err)
		reply.Code, reply.Message = f.Code, f.Message
	}
	eff.Counts.Requests = append(eff.Counts.Requests, master.Request{Op: op, Code: reply.Code})
	eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: reply})
}

// turnAway refuses a read: nothing is lost, another replica may answer it.
func (r *Replica) turnAway(stream uint64, q *call.Query, why string, eff *Effects) {
	eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: &call.QueryReply{Number: q.Number,
		Code: cell.CodeOf(cell.ErrNoMaster), Message: why}})
}
