package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Read gives a node's Stat and contents as the master has them, or with AtReplica or Sync a replica.
// It needs no session, caches nothing and writes nothing. ErrNotFound if there is no such node.
func (c *Client) Read(ctx context.Context, name string, o ...ReadOption) (File, error) {
	return c.readNode(ctx, "read", name, 0, true, readOf(o))
}

// Stat is Read without the contents.
func (c *Client) Stat(ctx context.Context, name string, o ...ReadOption) (cell.Stat, error) {
	f, err := c.readNode(ctx, "stat", name, 0, false, readOf(o))
	return f.Stat, err
}

func (c *Client) readNode(ctx context.Context, op, name string, instance uint64, contents bool,
	o readSettings) (File, error) {
	n, err := c.parse(op, name)
	if err != nil {
		return File{}, err
	}
	r, err := c.read(ctx, op, name, &call.Read{Name: n, Instance: instance, StatOnly: !contents}, o)
	if err != nil {
		return File{}, err
	}
	return fileFrom(op, name, instance, contents, r)
}

// read asks the master, or as o says a replica.
func (c *Client) read(ctx context.Context, op, name string, ask call.Ask, o readSettings) (*call.QueryReply, error) {
	if o.replica {
		return c.askReplicas(ctx, op, name, ask, o)
	}
	return c.query(ctx, op, name, ask)
}

// List gives the children of a node with their whole Stat, sorted by name.
func (c *Client) List(ctx context.Context, name string, o ...ReadOption) ([]cell.Stat, error) {
	n, err := c.parse("list", name)
	if err != nil {
		return nil, err
	}
	return c.list(ctx, n, 0, readOf(o))
}

func (c *Client) list(ctx context.Context, n cell.Name, instance uint64, o readSettings) ([]cell.Stat, error) {
	return collect(n, instance, false, func(ask *call.List) (*call.ListReply, error) {
		r, err := c.read(ctx, "list", string(n), ask, o)
		if err != nil {
			return nil, err
		}
		return r.List, nil
	})
}

// CheckSequencer asks the master whether a hold still stands: nil, or ErrStaleSequencer.
func (c *Client) CheckSequencer(ctx context.Context, q cell.Sequencer) error {
	ask := &call.CheckSequencer{Sequencer: q}
	if why := ask.Invalid(); why != "" {
		return opError("check sequencer", q.String(), NotApplied, fmt.Errorf("%w: %s", cell.ErrUsage, why))
	}
	_, err := c.query(ctx, "check sequencer", q.String(), ask)
	return err
}

// Locks describes every lock at prefix and below that is held, in delay or waited for, sorted by
// name.
func (c *Client) Locks(ctx context.Context, prefix string) ([]LockInfo, error) {
	return c.locks(ctx, prefix, false)
}

// LockOf describes the lock of one node; a free one too. ErrNotFound if there is no such node.
func (c *Client) LockOf(ctx context.Context, name string) (LockInfo, error) {
	all, err := c.locks(ctx, name, true)
	if err != nil {
		return LockInfo{}, err
	}
	if len(all) == 0 {
		if _, err := c.Stat(ctx, name); err != nil {
			return LockInfo{}, err
		}
		return LockInfo{Name: name}, nil
	}
	return all[0], nil
}

func (c *Client) locks(ctx context.Context, prefix string, one bool) ([]LockInfo, error) {
	n, err := c.parse("locks", prefix)
	if err != nil {
		return nil, err
	}
	var all []LockInfo
	ask := call.Locks{Prefix: n, One: one}
	for {
		page := ask
		r, err := c.query(ctx, "locks", prefix, &page)
		if err != nil || r.Locks == nil {
			return all, err
		}
		for i, l := range r.Locks.Locks {
			if last := len(all) - 1; i == 0 && ask.Told > 0 && last >= 0 && all[last].Name == string(l.Name) {
				more := lockInfo(l)
				all[last].Holders = append(all[last].Holders, more.Holders...)
				all[last].Waiters = append(all[last].Waiters, more.Waiters...)
				continue
			}
			all = append(all, lockInfo(l))
		}
		if !r.Locks.More || len(r.Locks.Locks) == 0 {
			return all, nil
		}
		ask.After, ask.Told = r.Locks.Locks[len(r.Locks.Locks)-1].Name, r.Locks.Told
	}
}

// Sessions describes the cell's sessions, sorted by id; what changes meanwhile may be in it or not.
func (c *Client) Sessions(ctx context.Context) ([]SessionInfo, error) {
	return c.sessionPages(ctx, "sessions", "", 0)
}

// sessionPages asks for one session, or all, page after page.
func (c *Client) sessionPages(ctx context.Context, op, name string, id cell.SessionID) (all []SessionInfo, _ error) {
	ask := call.Sessions{ID: id}
	for {
		page := ask
		r, err := c.query(ctx, op, name, &page)
		if err != nil || r.Sessions == nil {
			return all, err
		}
		for i, s := range r.Sessions.Sessions {
			if last := len(all) - 1; i == 0 && ask.Told > 0 && last >= 0 && all[last].ID == s.ID {
				all[last].Locks = append(all[last].Locks, s.Locks...)
				all[last].Ephemerals = append(all[last].Ephemerals, s.Ephemerals...)
				continue
			}
			all = append(all, s)
		}
		if !r.Sessions.More || len(r.Sessions.Sessions) == 0 {
			return all, nil
		}
		ask.After, ask.Told = r.Sessions.Sessions[len(r.Sessions.Sessions)-1].ID, r.Sessions.Told
	}
}
