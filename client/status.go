package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Status asks every endpoint, and every replica that one of them names, for its own view: it
// works without a quorum, replica by replica. It fails (with a *NoMasterError) only when nobody
// answered; it takes 2 s at most.
func (c *Client) Status(ctx context.Context) (Status, error) {
	views, err := c.everybody(ctx)
	if err != nil {
		return summary(views), opError("status", "", NotApplied, err)
	}
	return summary(views), nil
}

// everybody gives the views of all endpoints, and of every replica that one of them names. The error
// says why nobody answered.
func (c *Client) everybody(ctx context.Context) ([]view, error) {
	views := c.views(ctx, c.cfg.Endpoints)
	var more []string
	for _, m := range membersOf(views) {
		known := slices.ContainsFunc(views, func(v view) bool {
			return v.address == m.Client || (v.err == nil && v.status.Replica == m.ID)
		})
		if !known && m.Client != "" && len(more) < addresses {
			more = append(more, m.Client)
		}
	}
	views = append(views, c.views(ctx, more)...)
	if slices.ContainsFunc(views, func(v view) bool { return v.err == nil }) {
		return views, nil
	}
	var words []word
	for _, v := range views {
		words = append(words, word{address: v.address, err: v.err})
	}
	return views, orCause(ctx, noMasterIn(words))
}

// view is what one address answered.
type view struct {
	address string
	status  *call.Status
	err     error
}

func (c *Client) views(ctx context.Context, all []string) []view {
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	views := make([]view, len(all))
	var wait sync.WaitGroup
	for i, address := range all {
		wait.Go(func() { views[i] = c.view(ctx, address) })
	}
	wait.Wait()
	return views
}

func (c *Client) view(ctx context.Context, address string) view {
	l, err := c.lines.to(ctx, address)
	var r *call.QueryReply
	if err == nil {
		r, err = l.ask(ctx, &call.StatusAsk{})
	}
	if err == nil {
		err = call.ErrorOf(r.Code, r.Message, nil, 0)
	}
	if err == nil && r.Status == nil {
		err = fmt.Errorf("%w: an answer without a status", cell.ErrProtocol)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer: %w", err)
	}
	v := view{address: address, err: err}
	if err == nil {
		v.status = r.Status
	}
	return v
}

// membersOf is the member list of who has applied most.
func membersOf(views []view) cell.Members {
	var newest *call.Status
	for _, v := range views {
		if v.err == nil && (newest == nil || v.status.Index > newest.Index) {
			newest = v.status
		}
	}
	if newest == nil {
		return nil
	}
	return newest.Members
}

func summary(views []view) Status {
	s := Status{LeaseLeft: -1, Sessions: -1, Locks: -1}
	master := masterIn(views)
	members := membersOf(views)
	for i, v := range views {
		again := v.err == nil && slices.ContainsFunc(views[:i], func(o view) bool {
			return o.err == nil && o.status.Replica == v.status.Replica
		})
		if again { // two endpoints that lead to one replica
			continue
		}
		if v.err != nil {
			s.Replicas = append(s.Replicas, unreachable(v, members))
			continue
		}
		s.Cell = v.status.Cell
		s.Epoch = max(s.Epoch, v.status.Epoch)
		s.Replicas = append(s.Replicas, replicaStatus(v, members, master))
	}
	if master != nil {
		s.Master, s.LeaseLeft = master.Replica, max(0, master.LeaseLeft)
		s.Sessions, s.Locks = master.Sessions, master.Locks
	}
	slices.SortStableFunc(s.Replicas, func(a, b ReplicaStatus) int { return int(a.ID) - int(b.ID) })
	return s
}

// masterIn is who says of itself, in the highest epoch, that it is master.
func masterIn(views []view) *call.Status {
	var best *call.Status
	for _, v := range views {
		if v.err == nil && v.status.Role == "master" && (best == nil || v.status.Epoch > best.Epoch) {
			best = v.status
		}
	}
	return best
}

func replicaStatus(v view, members cell.Members, master *call.Status) ReplicaStatus {
	r := ReplicaStatus{ID: v.status.Replica, Client: v.address, Role: v.status.Role,
		Epoch: v.status.Epoch, Zxid: v.status.Zxid, Lag: -1, Why: v.status.Why, CertificateEnds: v.status.CertificateEnds}
	if m, ok := members.Find(r.ID); ok {
		r.Client, r.Peer = m.Client, m.Peer
	}
	if master != nil {
		r.Lag = max(0, int64(master.Index)-int64(v.status.Index))
	}
	return r
}

func unreachable(v view, members cell.Members) ReplicaStatus {
	r := ReplicaStatus{Client: v.address, Role: "unreachable", Lag: -1, Err: v.err}
	for _, m := range members {
		if m.Client == v.address {
			r.ID, r.Peer = m.ID, m.Peer
		}
	}
	return r
}
