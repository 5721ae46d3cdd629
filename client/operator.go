package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// BreakLock takes the lock of a node from whoever holds it with that token. The token fails every
// check from then on; the lock goes to the next as soon as the holder's client has acknowledged, else
// when its lease has ended and then its lock-delay. ErrStaleSequencer if the lock has moved on.
func (s *Session) BreakLock(ctx context.Context, name string, token uint64) error {
	n, err := s.c.parse("break lock", name)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, "break lock", name, &call.Break{Name: n, Token: token})
	return err
}

// Kill ends another session. What it holds is taken from it as BreakLock takes a lock, and its
// ephemerals go. ErrNotFound if there is no such session.
func (s *Session) Kill(ctx context.Context, id cell.SessionID) error {
	_, err := s.change(ctx, "kill session", id.String(), &call.Kill{Session: id})
	return err
}

// SessionOf describes one session of the cell. ErrNotFound if there is none of that id.
func (c *Client) SessionOf(ctx context.Context, id cell.SessionID) (SessionInfo, error) {
	all, err := c.sessionPages(ctx, "session", id.String(), id)
	switch {
	case err != nil:
		return SessionInfo{}, err
	case len(all) != 1:
		return SessionInfo{}, opError("session", id.String(), NotApplied,
			fmt.Errorf("%w: an answer without a session", cell.ErrProtocol))
	}
	return all[0], nil
}
