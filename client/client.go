package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/lease/clock"
)

// closePatience is how long Client.Close waits for its sessions to be closed at the cell.
const closePatience = time.Second

// Client speaks to one cell. Safe for concurrent use; make one with New.
type Client struct {
	cfg   Config
	clock *clock.Clock
	wire  conn.Options
	lines lines // streams without a session

	horizon horizon

	mu       sync.Mutex
	closed   bool
	sessions map[*Session]struct{}
}

// New checks cfg and touches no network. Errors wrap ErrUsage or ErrTooLarge.
func New(cfg Config) (*Client, error) {
	wire := conn.ForClients()
	wire.TLS = cfg.TLS
	return newClient(cfg, clock.Boot(), wire)
}

func newClient(cfg Config, now *clock.Clock, wire conn.Options) (*Client, error) {
	cfg = cfg.withDefaults()
	if len(cfg.Endpoints) == 0 {
		return nil, fmt.Errorf("%w: no endpoints", cell.ErrUsage)
	}
	if got := len(cfg.Identity); got > call.MaxIdentityBytes {
		return nil, &cell.LimitError{Limit: "identity", Most: call.MaxIdentityBytes, Got: got}
	}
	for _, e := range cfg.Endpoints {
		if _, _, err := net.SplitHostPort(e); err != nil {
			return nil, fmt.Errorf("%w: endpoint %q is not HOST:PORT", cell.ErrUsage, e)
		}
	}
	c := &Client{cfg: cfg, clock: now, wire: wire, sessions: map[*Session]struct{}{}}
	c.wire.Log = func(_, msg string, kv ...any) { c.cfg.Logger.Debug(msg, kv...) }
	c.lines.c = c
	return c, nil
}

// NewSession makes a session and waits until it is Connected, for Config.Patience at most; then
// it fails with a *NoMasterError. The key that names the session is made here: however often
// the request is sent, it makes one session.
func (c *Client) NewSession(ctx context.Context, o ...SessionOption) (*Session, error) {
	settings := sessionSettings{grace: DefaultGrace}
	for _, x := range o {
		x.toSession(&settings)
	}
	var random [24]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, opError("new session", "", NotApplied, fmt.Errorf("%w: %w", cell.ErrInternal, err))
	}
	m := session.New(session.Config{
		Key: cell.SessionKey(random[:16]), Seed: binary.LittleEndian.Uint64(random[16:]),
		Identity: c.cfg.Identity, Cell: c.cfg.Cell, Endpoints: c.cfg.Endpoints,
		Grace: lease.Duration(settings.grace),
	})
	s := newSession(c, m)
	if !c.keep(s) {
		return nil, opError("new session", "", NotApplied, cell.ErrClosed)
	}
	s.start()
	patience, cancel := context.WithTimeout(ctx, c.cfg.Patience)
	defer cancel()
	err := s.awaitConnected(patience)
	if err == nil {
		return s, nil
	}
	s.abandon()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", err, context.Cause(ctx))
	}
	return nil, opError("new session", "", NotApplied, err)
}

func (c *Client) keep(s *Session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.sessions[s] = struct{}{}
	return true
}

func (c *Client) forget(s *Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sessions, s)
}

// Close closes the client's sessions, waits for that at most 1 s, and ends everything. It
// always gives nil, and may be called more than once.
func (c *Client) Close() error {
	c.mu.Lock()
	c.closed = true
	var open []*Session
	for s := range c.sessions {
		open = append(open, s)
	}
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range open {
		all.Go(func() { _ = s.Close(ctx) })
	}
	all.Wait()
	c.lines.close()
	return nil
}

// parse checks a name against the grammar, and against Config.Cell.
func (c *Client) parse(op, name string) (cell.Name, error) {
	n, err := cell.ParseName(name)
	if err == nil && c.cfg.Cell != "" && n.Cell() != c.cfg.Cell {
		err = fmt.Errorf("%w: the name is of cell %q, the client of %q", cell.ErrWrongCell, n.Cell(), c.cfg.Cell)
	}
	if err != nil {
		return "", opError(op, name, NotApplied, err)
	}
	return n, nil
}
