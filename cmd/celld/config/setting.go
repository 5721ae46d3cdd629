package config

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// Setting is one single-valued key. The same table makes the flags, reads the environment and
// the file, and prints what is in force.
type Setting struct {
	Key   string // as in the file
	Usage string
	value func(*Config) value
}

// Flag is the name of the setting as a flag.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Key, "_", "-") }

// Variable is the name of the setting in the environment.
func (s Setting) Variable() string { return "CELLD_" + strings.ToUpper(s.Key) }

// Get is the setting's value in c as the file would have it.
func (s Setting) Get(c *Config) string { return s.value(c).String() }

// Set reads text into c; the error says what is allowed.
func (s Setting) Set(c *Config, text string) error { return s.value(c).set(text) }

// Settings are all single-valued keys, in the order in which they are shown.
func Settings() []Setting {
	return []Setting{
		{"cell", "name of the cell", func(c *Config) value { return (*word)(&c.Cell) }},
		{"id", "id of this replica", func(c *Config) value { return (*replica)(&c.ID) }},
		{"dir", "data directory", func(c *Config) value { return (*word)(&c.Dir) }},
		{"log_level", "debug, info, warning or error", func(c *Config) value { return (*level)(&c.LogLevel) }},
		{"history", "changes kept for watches that are behind", func(c *Config) value { return count(&c.History, 1) }},
		{"snapshot_log", "bytes of log after which a snapshot is taken",
			func(c *Config) value { return bytes(&c.SnapshotLog, 1<<20) }},
		{"snapshots_kept", "snapshots kept", func(c *Config) value { return count(&c.SnapshotsKept, 1) }},
		{"audit", "file with a line of JSON for each change, lock, end of a session and act of an operator",
			func(c *Config) value { return (*place)(&c.Audit) }},
		{"audit_size", "bytes of it, in whole MiB, before a new one is begun",
			func(c *Config) value { return bytes(&c.AuditSize, 1<<20) }},
		{"audit_kept", "older ones kept", func(c *Config) value { return count(&c.AuditKept, 1) }},
		{"master_lease", "longest lease of a mastership (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.MasterLease) }},
		{"session_lease", "lease of a session (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.SessionLease) }},
		{"session_lease_max", "its longest, under load (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.SessionLeaseMax) }},
		{"cache_lease", "lease of a client's cache (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.CacheLease) }},
		{"lock_delay", "how long a dead holder's lock stays taken (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.LockDelay) }},
		{"lock_delay_max", "the longest that a client may ask for (at birth, for the cell)",
			func(c *Config) value { return (*length)(&c.Lengths.LockDelayMax) }},
		{"drift", "bound of any two clocks against each other (at birth, for the cell)",
			func(c *Config) value { return (*drift)(&c.Lengths.DriftPPM) }},
	}
}

// limits are the keys under limits: in the file: those of a new cell, then this replica's own.
func limits() []Setting {
	var all []Setting
	for _, s := range cell.AllSettings() {
		if !s.Length {
			all = append(all, Setting{s.Key, "", func(c *Config) value { return limit{s, &c.Limits} }})
		}
	}
	return append(all, []Setting{
		{"connections", "", func(c *Config) value { return count(&c.Gate.Connections, 1) }},
		{"half_open", "", func(c *Config) value { return count(&c.Gate.HalfOpen, 1) }},
		{"frame", "", func(c *Config) value { return size(&c.Gate.Frame, 64<<10, 16<<20) }},
		{"outbox", "", func(c *Config) value { return size(&c.Gate.Outbox, 1<<20, 1<<30) }},
		{"http_connections", "", func(c *Config) value { return count(&c.Gate.HTTP, 1) }},
	}...)
}

// Effective is the configuration as lines of the file, for the debug log.
func (c *Config) Effective() []string {
	var lines []string
	for _, s := range Settings() {
		lines = append(lines, s.Key+": "+s.Get(c))
	}
	for _, s := range limits() {
		lines = append(lines, "limits."+s.Key+": "+s.Get(c))
	}
	for _, m := range c.Replicas {
		lines = append(lines, "replicas: "+replicaLine(m))
	}
	return lines
}
