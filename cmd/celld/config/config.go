package config

import (
	"fmt"
	"path/filepath"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn/certs"
)

// Config is everything one replica is told when it starts: the effective settings.
type Config struct {
	Cell     string
	ID       cell.ReplicaID
	Dir      string       // absolute, once loaded
	Replicas cell.Members // sorted by id; no incarnations, those are in the tree

	LogLevel      string // a level of logrus
	History       int    // changes a replica keeps for watches that are behind
	SnapshotLog   int64  // bytes of log after which a snapshot is taken, at least
	SnapshotsKept int
	Audit         string // file, absolute once loaded; "": none is kept
	AuditSize     int64  // bytes of it, before a new one is begun
	AuditKept     int    // older ones

	Lengths cell.Lengths // of a new cell; a cell that exists has its own (L3)
	Limits  cell.Limits  // likewise
	Gate    Gate
	TLS     certs.Files // absolute; empty: without TLS
}

// Gate is what a replica bounds before anything is proposed; it may differ by replica.
type Gate struct {
	Connections int
	HalfOpen    int // connections that have not said hello
	Frame       int // bytes of one message
	Outbox      int // bytes that wait for one session
	HTTP        int // connections to the HTTP port
}

// Default is what a replica does where nobody says otherwise.
func Default() Config {
	return Config{
		Cell: "local", LogLevel: "info",
		History: 100_000, SnapshotLog: 64 << 20, SnapshotsKept: 3, AuditSize: 100 << 20, AuditKept: 10,
		Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits(),
		Gate: Gate{Connections: 20_000, HalfOpen: 256, Frame: 2 << 20, Outbox: 8 << 20, HTTP: 128},
	}
}

// Self is this replica's own entry. Check has made sure that there is one.
func (c *Config) Self() cell.Member {
	m, ok := c.Replicas.Find(c.ID)
	cell.Assert(ok, "replica %d is not in its own list", c.ID)
	return m
}

// Check says what makes no sense in the whole, as an error that wraps cell.ErrUsage, and what is
// allowed but should be said.
func (c *Config) Check() (warnings []string, err error) {
	switch {
	case c.Dir == "":
		return nil, wrong("dir", "is not set")
	case c.Lengths.Invalid() != "":
		return nil, wrong("", c.Lengths.Invalid())
	}
	if err := checkCellName(c.Cell); err != nil {
		return nil, err
	}
	if warnings, err = checkCount(len(c.Replicas)); err != nil {
		return nil, err
	}
	if err := checkReplicas(c.Replicas); err != nil {
		return nil, err
	}
	if t := c.TLS; t != (certs.Files{}) && (t.CA == "" || t.Cert == "" || t.Key == "") {
		return nil, wrong("tls", "needs ca, cert and key")
	}
	if _, ok := c.Replicas.Find(c.ID); !ok {
		return nil, wrong("id", fmt.Sprintf("%d is not the id of one of the replicas", c.ID))
	}
	return warnings, nil
}

func checkCellName(name string) error {
	root, err := cell.RootName(name)
	if err != nil {
		return wrong("cell", err.Error())
	}
	if !root.IsRoot() {
		return wrong("cell", fmt.Sprintf("%q has a slash; a cell's name is one component of /ls/CELL", name))
	}
	return nil
}

// checkCount: 3, 5 or 7; 1 for trials.
func checkCount(n int) (warnings []string, err error) {
	switch {
	case n == 0:
		return nil, wrong("replicas", "none are listed")
	case n == 1:
		return []string{"one replica stands no failure at all: for trials only"}, nil
	case n%2 == 0:
		return nil, wrong("replicas", fmt.Sprintf("%d is even: it stands no more failures than %d; use 3, 5 or 7", n, n-1))
	case n > 7:
		return nil, wrong("replicas", fmt.Sprintf("%d are more than 7; use 3, 5 or 7", n))
	}
	return nil, nil
}

// checkReplicas: each id once, each address once, none left out.
func checkReplicas(replicas cell.Members) error {
	ids, addresses := map[cell.ReplicaID]bool{}, map[string]cell.ReplicaID{}
	for _, m := range replicas {
		if m.ID == 0 || ids[m.ID] {
			return wrong("replicas", fmt.Sprintf("id %d: ids begin at 1, and each stands once", m.ID))
		}
		ids[m.ID] = true
		for _, a := range []string{m.Client, m.Peer, m.HTTP} {
			if other, taken := addresses[a]; taken {
				return wrong("replicas", fmt.Sprintf("address %s stands twice, at %d and at %d", a, other, m.ID))
			}
			addresses[a] = m.ID
		}
	}
	return nil
}

// resolve makes a directory absolute: what the file says counts from the file.
func resolve(dir, base string) (string, error) {
	if filepath.IsAbs(dir) {
		return filepath.Clean(dir), nil
	}
	return filepath.Abs(filepath.Join(base, dir))
}
