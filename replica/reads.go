package replica

import (
	"errors"
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
	asker
	query *call.Query
	until lease.Instant
}

// asker is who asks, and where.
type asker struct {
	stream             uint64
	principal, address string
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
	by := asker{stream: x.Stream, principal: x.Principal, address: x.Address}
	switch {
	case !r.serves():
		r.turnAway(x.Stream, q, "this replica is not synchronized: "+r.why(), eff)
	case r.tree.Mark().Zxid >= q.Seen:
		r.answerHere(at, by, q, eff)
	case len(r.parked) >= mostParked:
		r.turnAway(x.Stream, q, "too many reads wait for this replica to catch up", eff)
	default:
		r.parked = append(r.parked, parkedRead{asker: by, query: q, until: at.Now.Add(readPatience)})
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
			r.answerHere(at, p.asker, p.query, eff)
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
func (r *Replica) answerHere(at Moment, by asker, q *call.Query, eff *Effects) {
	reply := &call.QueryReply{Number: q.Number, Zxid: r.tree.Mark().Zxid}
	err := r.tree.Permit(by.principal, q.Ask)
	op := opHere(q.Ask)
	switch a := q.Ask.(type) {
	case *call.Read:
		if err == nil {
			reply.Node, err = r.tree.ReadNode(a)
		}
	case *call.List:
		if err == nil {
			reply.List, err = r.tree.ReadList(by.principal, a, call.MaxPage)
		}
	default:
		err = fmt.Errorf("%w: a replica does not answer %T", cell.ErrProtocol, a)
	}
	if err != nil {
		f := call.Fail(err)
		reply.Code, reply.Message = f.Code, f.Message
	}
	if errors.Is(err, cell.ErrDenied) {
		r.noteDenied(at, by, op, q.Ask, reply, eff)
	}
	r.streams.meter.Costs(at.Now, by.stream, 0, master.Weigh(reply), r.limits())
	eff.Counts.Requests = append(eff.Counts.Requests, master.Request{Op: op, Code: reply.Code})
	eff.Clients = append(eff.Clients, master.Send{Stream: by.stream, Msg: reply})
}

// paced reports whether a question that is answered here may be answered now; else it says when to come
// again, to who asks for too much and to nobody else (B3).
func (r *Replica) paced(at Moment, stream uint64, q *call.Query, eff *Effects) bool {
	wait, deaf := r.streams.meter.Ask(at.Now, stream, r.limits())
	if wait == 0 {
		return true
	}
	f := call.Fail(&cell.OverloadedError{RetryAfter: cell.Span(wait)})
	eff.Counts.Requests = append(eff.Counts.Requests, master.Request{Op: opHere(q.Ask), Code: f.Code})
	eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: &call.QueryReply{Number: q.Number,
		Code: f.Code, Message: f.Message, RetryAfter: f.RetryAfter}})
	if deaf != nil {
		eff.Pauses = append(eff.Pauses, *deaf)
	}
	return false
}

// opHere is what the metrics and the audit call a question that is answered here.
func opHere(a call.Ask) string {
	switch a.(type) {
	case *call.List:
		return "replica_list"
	case *call.StatusAsk:
		return "status"
	}
	return "replica_read"
}

// limits are the cell's; before there is one, what it begins with.
func (r *Replica) limits() cell.Limits {
	if r.tree.Born() {
		return r.tree.Limits()
	}
	return cell.DefaultLimits()
}

// turnAway refuses a read: nothing is lost, another replica may answer it.
func (r *Replica) turnAway(stream uint64, q *call.Query, why string, eff *Effects) {
	eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: &call.QueryReply{Number: q.Number,
		Code: cell.CodeOf(cell.ErrNoMaster), Message: why}})
}
