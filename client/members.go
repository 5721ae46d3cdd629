package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Member is a replica in the cell's replicated list, or one that would be in it.
type Member struct {
	cell.Member               // its Incarnation is 0 where no directory is bound to the id
	Listed      bool          // it is in the list; else it answered as a learner
	Replica     ReplicaStatus // what it said of itself; Err where it said nothing
}

// Members is the member list of the replica that has applied most, by id, with what each says of
// itself; learners that are at one of the endpoints stand behind. It fails as Status does.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	views, err := c.everybody(ctx)
	if err != nil {
		return nil, opError("members", "", NotApplied, err)
	}
	s := summary(views)
	var all []Member
	for _, m := range membersOf(views) {
		all = append(all, Member{Member: m, Listed: true, Replica: saidBy(s, m)})
	}
	for _, r := range s.Replicas {
		if _, listed := membersOf(views).Find(r.ID); r.Err == nil && !listed {
			all = append(all, Member{Member: cell.Member{ID: r.ID, Client: r.Client}, Replica: r})
		}
	}
	return all, nil
}

// saidBy is what m said of itself.
func saidBy(s Status, m cell.Member) ReplicaStatus {
	i := slices.IndexFunc(s.Replicas, func(r ReplicaStatus) bool { return r.ID == m.ID })
	if i >= 0 {
		return s.Replicas[i]
	}
	return ReplicaStatus{ID: m.ID, Client: m.Client, Peer: m.Peer, Role: "unreachable", Lag: -1,
		Err: fmt.Errorf("%w: nobody asked it", cell.ErrNoMaster)}
}

const askEvery = 250 * time.Millisecond // again, while a change is pursued

// ReplaceMember puts a replica in the place of the member old, by one transaction that a quorum of
// the old members and of the new ones must have (Z15). It waits until the newcomer has caught up and the
// change is committed; while it waits it calls waiting, if that is not nil, with each new reason. The
// newcomer's directory is found by the cell, with.Incarnation is not read. old may be with's own id:
// a replica with an empty disk, or one that has moved.
//
// A change that nobody asks for any more is given up after 10 s: when ctx ends the outcome is Unknown.
// ErrNotFound: old is no member. ErrExists: with's id or address is another member's. ErrConflict: a
// quorum would be in danger, or another change is on its way. ErrUsage: what no member can be.
func (c *Client) ReplaceMember(ctx context.Context, old cell.ReplicaID, with cell.Member,
	waiting func(why string)) error {
	const op = "replace member"
	name, ask := fmt.Sprint(old), &call.Replace{Old: old, New: with}
	ask.New.Incarnation = 0
	if why := ask.Invalid(); why != "" {
		return opError(op, name, NotApplied, fmt.Errorf("%w: %s", cell.ErrUsage, why))
	}
	said, taken := "", false // the change was taken up once: from then on it may be made
	for {
		r, err := c.query(ctx, op, name, ask)
		why := ""
		switch {
		case err != nil && (!taken || !errors.Is(err, cell.ErrNoMaster)):
			return err
		case err != nil:
			why = err.Error()
		case r.Replaced == nil:
			return opError(op, name, Unknown, fmt.Errorf("%w: an answer to another question", cell.ErrProtocol))
		case r.Replaced.Done:
			return nil
		default:
			taken, why = true, r.Replaced.Why
		}
		if why != "" && why != said {
			if said = why; waiting != nil {
				waiting(why)
			}
		}
		if !sleep(ctx, askEvery/2+rand.N(askEvery/2)) {
			return opError(op, name, Unknown, fmt.Errorf("%w: %s: %w", cell.ErrOutcomeUnknown, said, context.Cause(ctx)))
		}
	}
}
