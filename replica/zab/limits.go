package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// What bounds the memory and the work of one Core.
const (
	maxPeers      = cell.MaxMembers // named in a message, or in a list
	maxStrangers  = 8               // replicas in no list that are linked at once
	maxBehind     = 1024            // records that a replica which has caught up may lack
	maxWhy        = 1 << 10
	maxEpochs     = 1024          // of the epoch table in a message; older ends are not told (SNAP instead of DIFF)
	keepEpochs    = 1 << 16       // that ended below the log and are remembered
	maxEpoch      = 1<<32 - 1<<10 // no message names a later one
	maxAhead      = 1 << 24       // an epoch so far above ours is not believed: a liar cannot use them up
	maxLength     = 60 * lease.Second
	maxSeen       = 8         // boot counters kept per id
	maxBatch      = 512 << 10 // payload bytes of one Entries, but for a single larger record
	maxBatchCount = 4096      // records of one Entries
	fullBatch     = 256       // records that leave without waiting for the batch before them
	maxInFlight   = 4 << 20   // payload bytes sent to a follower and not durable there
	maxRecent     = 8 << 20   // bytes of the log's tail kept in memory, once durable, entryOverhead included
	maxDeliver    = 4096      // records delivered by one Step
	maxHeld       = 64 << 20  // payload bytes of proposals held during a roll-over
	maxPings      = 64        // pings whose sending is remembered
	maxReadLog    = 1 << 20   // bytes asked of the disk at once
)

// farAhead reports whether no honest replica can have got to epoch e while this one did not.
func (c *Core) farAhead(e cell.Epoch) bool {
	return e > c.hard.AcceptedEpoch && e-c.hard.AcceptedEpoch > maxAhead
}

// How long things take, as parts of the master lease d.
func (c *Core) pingEvery() lease.Duration  { return c.d / 6 }
func (c *Core) finalize() lease.Duration   { return c.d / 12 }
func (c *Core) fresh() lease.Duration      { return c.d }
func (c *Core) silence() lease.Duration    { return c.d * 4 / 5 } // the election runs while the promises do
func (c *Core) patience() lease.Duration   { return 3 * c.d }
func (c *Core) retryAfter() lease.Duration { return c.d/2 + c.rng.upTo(c.d/2) }
func (c *Core) abstention() lease.Duration { return 2 * c.d }
func (c *Core) margin() lease.Duration     { return c.d / 64 }

// silentAfter is how long a directory has not been heard when another may take its id.
func (c *Core) silentAfter() lease.Duration { return 4 * c.d }

// diskPatience is how long a master's own append may wait before it gives the mastership up (L9).
const diskPatience = 2 * lease.Second

// awayEvery is how often a replica that finds no quorum says who is away.
const awayEvery = 10 * lease.Second

// entryOverhead is what a record costs in a window beside its payload.
const entryOverhead = 64

// wakeFloor keeps a deadline that has passed, and waits for something else, from waking us at once.
const wakeFloor = lease.Millisecond
