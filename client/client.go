package client

import (
	"context"

	"github.com/leasehold/leasehold/cell"
)

// Client speaks to one cell.
type Client struct{ cfg Config }

// New checks cfg and touches no network.
func New(cfg Config) (*Client, error) { return &Client{cfg: cfg.withDefaults()}, nil }

func (c *Client) Ping(ctx context.Context) error { return cell.ErrNoMaster }
func (c *Client) NewSession(ctx context.Context, o ...SessionOption) (*Session, error) {
	return nil, cell.ErrNoMaster
}
func (c *Client) Read(ctx context.Context, name string) (File, error) {
	return File{}, cell.ErrNoMaster
}
func (c *Client) Stat(ctx context.Context, name string) (cell.Stat, error) {
	return cell.Stat{}, cell.ErrNoMaster
}
func (c *Client) List(ctx context.Context, name string) ([]cell.Stat, error) {
	return nil, cell.ErrNoMaster
}
func (c *Client) CheckSequencer(ctx context.Context, q cell.Sequencer) error { return cell.ErrNoMaster }
func (c *Client) Locks(ctx context.Context, prefix string) ([]LockInfo, error) {
	return nil, cell.ErrNoMaster
}
func (c *Client) LockOf(ctx context.Context, name string) (LockInfo, error) {
	return LockInfo{}, cell.ErrNoMaster
}
func (c *Client) Sessions(ctx context.Context) ([]SessionInfo, error) { return nil, cell.ErrNoMaster }
func (c *Client) Status(ctx context.Context) (Status, error)          { return Status{}, cell.ErrNoMaster }
func (c *Client) Close() error                                        { return nil }
