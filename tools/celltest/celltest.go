package celltest

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// Cell is a running cell. Endpoints are for client.Config.
type Cell struct {
	Endpoints []string
	Members   cell.Members

	t       testing.TB
	configs []host.Config
	hosts   map[cell.ReplicaID]*host.Host
}

// Option changes every replica's configuration before the start.
type Option func(*host.Config)

// Start runs a cell named local with n replicas (1, 3, 5 or 7) until the test ends, and returns
// once a master serves.
func Start(t testing.TB, n int, options ...Option) *Cell {
	t.Helper()
	var id cell.CellID
	_, err := rand.Read(id[:])
	require.NoError(t, err)
	c := &Cell{t: t, hosts: map[cell.ReplicaID]*host.Host{}}
	dir := t.TempDir()
	var members cell.Members
	for i := range n {
		members = append(members, cell.Member{ID: cell.ReplicaID(i + 1), Client: "127.0.0.1:0",
			Peer: "127.0.0.1:0", HTTP: "127.0.0.1:0"})
	}
	for i := range n {
		config := host.Config{Cell: "local", ID: cell.ReplicaID(i + 1), Dir: filepath.Join(dir, fmt.Sprintf("data-%d", i+1)),
			Members: members, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
		for _, o := range options {
			o(&config)
		}
		require.NoError(t, wal.WriteBirth(config.Dir, record.Birth{Cell: id, Name: "local", Replica: config.ID}))
		c.configs = append(c.configs, config)
	}
	started, err := host.StartCell(c.configs, host.Gate{})
	require.NoError(t, err)
	for i, h := range started.Hosts {
		c.hosts[c.configs[i].ID] = h
	}
	c.Members, c.Endpoints = started.Members(), started.Endpoints()
	t.Cleanup(c.stop)
	_, ok := started.Serving(t.Context().Done())
	require.True(t, ok, "the cell has not begun to serve: %v", c.errors())
	return c
}

// Master is the replica that says so of itself; 0 when none does.
func (c *Cell) Master() cell.ReplicaID {
	for _, m := range c.Members {
		if h, ok := c.hosts[m.ID]; ok && h.Status().Role == "master" {
			return m.ID
		}
	}
	return 0
}

// Host is a running replica; nil when it is stopped.
func (c *Cell) Host(id cell.ReplicaID) *host.Host { return c.hosts[id] }

// Stop stops one replica cleanly.
func (c *Cell) Stop(id cell.ReplicaID) {
	c.t.Helper()
	require.NoError(c.t, c.hosts[id].Stop())
	delete(c.hosts, id)
}

// Restart starts a stopped replica on its old ports.
func (c *Cell) Restart(id cell.ReplicaID) {
	c.t.Helper()
	config := c.configs[id-1]
	config.Members = c.Members
	self, _ := c.Members.Find(id)
	ports, _, err := host.Listen(self, host.Gate{}, config.Network)
	require.NoError(c.t, err)
	h, err := host.Start(config, ports)
	require.NoError(c.t, err)
	c.hosts[id] = h
}

func (c *Cell) errors() []error {
	var errs []error
	for _, m := range c.Members {
		if h, ok := c.hosts[m.ID]; ok {
			errs = append(errs, h.Err())
		}
	}
	return errs
}

func (c *Cell) stop() {
	for _, m := range c.Members {
		if h, ok := c.hosts[m.ID]; ok {
			if err := h.Stop(); err != nil {
				c.t.Errorf("replica %d: %v", m.ID, err)
			}
		}
	}
}
