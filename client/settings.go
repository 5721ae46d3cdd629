package client

import (
	"context"
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

// Set changes one setting of the cell, as one transaction: value is in nanoseconds, or a limit. A longer
// lease is granted from then on; a shorter one too, but what was granted before keeps its length. What
// makes no sense is refused with ErrUsage, and what would.
func (s *Session) Set(ctx context.Context, key string, value int64) error {
	_, err := s.change(ctx, "set", key, &call.Set{Key: key, Value: value})
	return err
}
