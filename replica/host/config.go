package host

import (
	"fmt"

	"github.com/sirupsen/logrus"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/conn"
	"github.com/leasehold/leasehold/cell/conn/certs"
	"github.com/leasehold/leasehold/lease/clock"
)

// Config is one replica's effective settings. Lengths and Limits count at the cell's birth
// only (L3, Z17).
type Config struct {
	Cell          string
	ID            cell.ReplicaID
	Dir           string
	Members       cell.Members // with every replica's addresses
	Lengths       cell.Lengths
	Limits        cell.Limits
	History       int   // changes kept for watches
	HistoryBytes  int   // and their bytes
	SnapshotLog   int64 // bytes of log after which a snapshot is due
	SnapshotCount uint64
	SnapshotsKept int
	SegmentBytes  int
	MarkerEvery   int          // transactions from one digest marker to the next; 0: replica's own
	Reserve       int64        // bytes of the disk that are kept for when it is full (B3); 0: none
	RollAt        uint32       // last counter of an epoch; 0: the format's own (tests roll early)
	Network       conn.Network // nil: TCP
	Keys          *certs.Keys  // nil: without TLS
	Clock         *clock.Clock // nil: CLOCK_BOOTTIME
	Log           *logrus.Entry
	Audit         Audit
}

// Defaults of settings that only this replica minds.
const (
	DefaultHistory       = 100_000
	DefaultHistoryBytes  = 64 << 20
	DefaultSnapshotLog   = 64 << 20
	DefaultSnapshotsKept = 3
	DefaultReserve       = 64 << 20
)

func (c *Config) fill() error {
	if c.History <= 0 {
		c.History = DefaultHistory
	}
	if c.HistoryBytes <= 0 {
		c.HistoryBytes = DefaultHistoryBytes
	}
	if c.SnapshotLog <= 0 {
		c.SnapshotLog = DefaultSnapshotLog
	}
	if c.SnapshotsKept <= 0 {
		c.SnapshotsKept = DefaultSnapshotsKept
	}
	if c.Clock == nil {
		c.Clock = clock.Boot()
	}
	if c.Log == nil {
		quiet := logrus.New()
		quiet.SetLevel(logrus.PanicLevel)
		c.Log = logrus.NewEntry(quiet)
	}
	if why := c.Lengths.Invalid(); why != "" {
		return fmt.Errorf("%w: %s", cell.ErrUsage, why)
	}
	if _, ok := c.Members.Find(c.ID); !ok {
		return fmt.Errorf("%w: replica %d is not in the list of replicas", cell.ErrUsage, c.ID)
	}
	return CheckSize(len(c.Members))
}

// CheckSize refuses numbers of replicas that make no sense, with the reason.
func CheckSize(n int) error {
	switch {
	case n == 1 || n == 3 || n == 5 || n == 7:
		return nil
	case n > 0 && n%2 == 0:
		return fmt.Errorf("%w: a cell of %d replicas stands no more failures than one of %d; take 3, 5 or 7",
			cell.ErrUsage, n, n-1)
	}
	return fmt.Errorf("%w: a cell has 1 (for trials), 3, 5 or 7 replicas, not %d", cell.ErrUsage, n)
}
