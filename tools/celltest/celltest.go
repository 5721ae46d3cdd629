package celltest

import (
	"crypto/rand"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/wal"
)

// Name is the cell's.
const Name = "local"

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
	dir, at := t.TempDir(), loopback(id)
	var members cell.Members
	for i := range n {
		members = append(members, cell.Member{ID: cell.ReplicaID(i + 1), Client: at, Peer: at, HTTP: at})
	}
	for i := range n {
		config := host.Config{Cell: Name, ID: cell.ReplicaID(i + 1), Dir: filepath.Join(dir, fmt.Sprintf("data-%d", i+1)),
			Members: members, Lengths: cell.DefaultLengths(), Limits: cell.DefaultLimits()}
		for _, o := range options {
			o(&config)
		}
		require.NoError(t, wal.WriteBirth(config.Dir, record.Birth{Cell: id, Name: Name, Replica: config.ID}))
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

// loopback is an address with a free port: one of the cell's own where the machine has more
// than one loopback address, so that nobody takes the port of a replica that is stopped.
func loopback(id cell.CellID) string {
	own := fmt.Sprintf("127.%d.%d.%d:0", 1+id[0]%254, id[1], 1+id[2]%254)
	l, err := net.Listen("tcp", own)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close() // it was only to see whether it can
	return own
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

// AwaitMaster waits until a master serves, and names it.
func (c *Cell) AwaitMaster() cell.ReplicaID {
	c.t.Helper()
	var master cell.ReplicaID
	c.Await("a master that serves", func() bool {
		master = c.Master()
		if master == 0 {
			return false
		}
		s := c.hosts[master].Status()
		return s.Zxid.Epoch() == s.Epoch
	})
	return master
}

// AwaitApplied waits until every replica that runs serves, and has applied z: a Stat's Zxid.
func (c *Cell) AwaitApplied(z cell.Zxid) {
	c.t.Helper()
	c.Await(fmt.Sprintf("all replicas serve, at %v or later", z), func() bool {
		for _, m := range c.Members {
			if h, ok := c.hosts[m.ID]; ok {
				if s := h.Status(); s.Master == 0 || s.Zxid < z {
					return false
				}
			}
		}
		return true
	})
}

// Await waits, for a minute at most, until something is true of the cell.
func (c *Cell) Await(what string, is func() bool) {
	c.t.Helper()
	require.Eventually(c.t, is, time.Minute, 5*time.Millisecond, what)
}

// Host is a running replica; nil when it is stopped.
func (c *Cell) Host(id cell.ReplicaID) *host.Host { return c.hosts[id] }

// Config is what a replica was, or will be, started with: its directory, for instance.
func (c *Cell) Config(id cell.ReplicaID) host.Config {
	config := c.configs[id-1]
	config.Members = c.Members
	return config
}

// Stop stops one replica cleanly.
func (c *Cell) Stop(id cell.ReplicaID) {
	c.t.Helper()
	require.NoError(c.t, c.hosts[id].Stop())
	delete(c.hosts, id)
}

// Forget leaves out of the end of the test, and of all waiting, a replica that has ended by itself.
func (c *Cell) Forget(id cell.ReplicaID) { delete(c.hosts, id) }

// Restart starts a stopped replica on its old ports.
func (c *Cell) Restart(id cell.ReplicaID) {
	c.t.Helper()
	config := c.Config(id)
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

// stop ends what still runs, the master last, so that the mastership does not wander.
func (c *Cell) stop() {
	master := c.Master()
	for _, masters := range []bool{false, true} {
		for _, m := range c.Members {
			if h, ok := c.hosts[m.ID]; ok && (m.ID == master) == masters {
				if err := h.Stop(); err != nil {
					c.t.Errorf("replica %d: %v", m.ID, err)
				}
			}
		}
	}
}
