package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Settings gives the cell's lengths and limits, and what leases may still be running from before they
// were changed.
func (c *Client) Settings(ctx context.Context) (cell.Settings, cell.Granted, error) {
	r, err := c.query(ctx, "settings", "", &call.SettingsAsk{})
	switch {
	case err != nil:
		return cell.Settings{}, cell.Granted{}, err
	case r.Settings == nil:
		return cell.Settings{}, cell.Granted{}, opError("settings", "", NotApplied,
			fmt.Errorf("%w: an answer without settings", cell.ErrProtocol))
	}
	return r.Settings.Settings, r.Settings.Granted, nil
}

// Quotas are the bounds of subtrees, in order of name, with what each uses. Session.Set sets one, by its
// NodesKey or BytesKey.
func (c *Client) Quotas(ctx context.Context) ([]cell.Quota, error) {
	r, err := c.query(ctx, "quotas", "", &call.SettingsAsk{})
	if err != nil || r.Settings == nil {
		return nil, err
	}
	return r.Settings.Quotas, nil
}

// StepDown has the master give its mastership to another, and waits until another mastership has
// begun: its epoch is given. Live clients see a pause of some milliseconds. Once the master has been
// asked, whatever goes wrong leaves the outcome unknown.
func (c *Client) StepDown(ctx context.Context) (cell.Epoch, error) {
	r, err := c.query(ctx, "step down", "", &call.SettingsAsk{})
	if err != nil {
		return 0, err
	}
	was := r.Epoch
	_, err = c.query(ctx, "step down", "", &call.StepDown{Epoch: was})
	switch {
	case err == nil || errors.Is(err, cell.ErrConflict): // it is over already
	case ctx.Err() != nil || errors.Is(err, cell.ErrNoMaster):
		return 0, noSuccessor(ctx, err)
	default:
		return 0, err // refused
	}
	for r.Epoch <= was {
		if r, err = c.query(ctx, "step down", "", &call.SettingsAsk{}); err != nil {
			return 0, noSuccessor(ctx, err)
		}
		if r.Epoch <= was && !sleep(ctx, pauseLeast) {
			return 0, noSuccessor(ctx, context.Cause(ctx))
		}
	}
	return r.Epoch, nil
}

// noSuccessor is for a master that was asked to step down, and perhaps did: that is no ErrNoMaster,
// which says that nothing happened.
func noSuccessor(ctx context.Context, why error) error {
	return opError("step down", "", Unknown, orCause(ctx, fmt.Errorf("%w: no successor has been seen: %v",
		cell.ErrOutcomeUnknown, why)))
}

// Set changes one setting of the cell, as one transaction: value is in nanoseconds, or a limit. A longer
// lease is granted from then on; a shorter one too, but what was granted before keeps its length. A quota
// has keys of its own (cell.Quota). What makes no sense is refused with ErrUsage, and what would.
func (s *Session) Set(ctx context.Context, key string, value int64) error {
	_, err := s.change(ctx, "set", key, &call.Set{Key: key, Value: value})
	return err
}
