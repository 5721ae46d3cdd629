package client

import (
	"context"
	"fmt"
	"slices"

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
	return fileFrom(op, name, instance, r)
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
	r, err := c.query(ctx, "locks", prefix, &call.Locks{Prefix: n, One: one})
	if err != nil {
		return nil, err
	}
	var all []LockInfo
	if r.Locks != nil {
		for _, l := range r.Locks.Locks {
			all = append(all, lockInfo(l))
		}
	}
	return all, nil
}

// Sessions describes the cell's sessions, sorted by id.
func (c *Client) Sessions(ctx context.Context) ([]SessionInfo, error) {
	r, err := c.query(ctx, "sessions", "", &call.Sessions{})
	if err != nil || r.Sessions == nil {
		return nil, err
	}
	return slices.Clone(r.Sessions.Sessions), nil
}
