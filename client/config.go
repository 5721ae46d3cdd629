package client

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"time"

	"github.com/leasehold/leasehold/cell/call"
)

// DefaultPatience is how long a call without a session, and NewSession, look for a master
// when Config.Patience is 0.
const DefaultPatience = 10 * time.Second

// DefaultEndpoints is what celld dev serves.
func DefaultEndpoints() []string {
	return []string{"127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403", "127.0.0.1:7404", "127.0.0.1:7405"}
}

// Config says where the cell is and how to speak to it. The zero Config is that of a cell
// made by celld dev on this machine.
type Config struct {
	// Endpoints are host:port of replicas' client ports; nil is DefaultEndpoints. Names are
	// resolved anew at each dial. One is enough, more find a master sooner.
	Endpoints []string
	// Cell is the name of the cell; a server of another one is refused (ErrWrongCell). "" takes
	// whatever cell answers.
	Cell string
	// TLS, when set, is how to speak to the servers.
	TLS *tls.Config
	// Identity is shown by cellctl locks and proves nothing; "" is user@host:pid program.
	Identity string
	// Logger gets what changes (masters, jeopardy, holds lost); nil is silent.
	Logger *slog.Logger
	// Patience is how long NewSession and calls without a session look for a master; 0 is
	// DefaultPatience. Then they fail with ErrNoMaster, which says why, per endpoint.
	Patience time.Duration
}

func (c Config) withDefaults() Config {
	if c.Endpoints == nil {
		c.Endpoints = DefaultEndpoints()
	}
	if c.Identity == "" {
		c.Identity = defaultIdentity()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Patience == 0 {
		c.Patience = DefaultPatience
	}
	return c
}

func defaultIdentity() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	id := fmt.Sprintf("%s@%s:%d %s", name, host, os.Getpid(), filepath.Base(os.Args[0]))
	return id[:min(len(id), call.MaxIdentityBytes)]
}
