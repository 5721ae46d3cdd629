package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Read gives a node's Stat and contents as the master has them. It needs no session, caches
// nothing and writes nothing. ErrNotFound if there is no such node.
func (c *Client) Read(ctx context.Context, name string) (File, error) {
	return c.readNode(ctx, "read", name, true)
}

// Stat is Read without the contents.
func (c *Client) Stat(ctx context.Context, name string) (cell.Stat, error) {
	f, err := c.readNode(ctx, "stat", name, false)
	return f.Stat, err
}

func (c *Client) readNode(ctx context.Context, op, name string, contents bool) (File, error) {
	n, err := c.parse(op, name)
	if err != nil {
		return File{}, err
	}
	r, err := c.query(ctx, op, name, &call.Read{Name: n, StatOnly: !contents})
	if err != nil {
		return File{}, err
	}
	return fileFrom(op, name, 0, r)
}

// List gives the children of a node with their whole Stat, sorted by name.
func (c *Client) List(ctx context.Context, name string) ([]cell.Stat, error) {
	n, err := c.parse("list", name)
	if err != nil {
		return nil, err
	}
	return collect(n, 0, false, func(ask *call.List) (*call.ListReply, error) {
		r, err := c.query(ctx, "list", name, ask)
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
