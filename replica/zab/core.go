package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Core is one replica's part in the protocol: state in, effects out. It is not safe for
// concurrent use, and owns nothing but its memory.
type Core struct {
	id        cell.ReplicaID
	members   cell.Members // from the file
	membersOf func([]byte) (cell.Members, error)
	d         lease.Duration // the master lease
	drift     lease.Drift
	rollAt    uint32
	rng       random
	free      uint64
	highest   uint32   // format that this program knows
	format    uint32   // of the cell; 0: not known yet
	reports   []Report // the newest, rising

	now  lease.Instant
	out  *Out   // lent for the Step that runs
	dead string // why this replica has ended; nothing is done any more

	hard, saved record.HardState // what the disk was asked to remember; what it remembers
	disk        disk
	log         history
	lists       lists
	peers       []*peer // every other replica of the file and of the lists, by id

	commit    uint64      // highest index known committed
	delivered record.Mark // the end of what Commits has carried
	reading   uint64      // the ticket of the ReadLog for the delivery; 0: none

	promise promise
	role    role
	look    looking
	lead    *leading   // while role is leads
	foll    *following // while role is follows
	ask     uint64     // the last FollowerInfo's number
	attempt uint64     // the last snapshot's number in this life
	pinged  uint64     // the last ping's number
	moved   bool       // progress has changed the role and must look again
}

type role uint8

const (
	looks role = iota
	leads
	follows
)

// New makes a replica from what its disk held. What no crash of ours can leave is refused by a
// Fatal event.
func New(c Config, now lease.Instant, out *Out) *Core {
	if c.Format == 0 {
		c.Format = cell.Format
	}
	k := &Core{
		highest: c.Format, id: c.ID, members: c.Members, membersOf: c.MembersOf, rollAt: c.RollAt, rng: random{c.Seed},
		hard: c.Hard, saved: c.Hard, log: newHistory(c.Log, c.Recent), now: now, out: out,
		commit: c.Log.Snapshot.Index, delivered: c.Log.Snapshot,
	}
	if k.rollAt == 0 {
		k.rollAt = cell.MaxCounter - 1
	}
	k.SetLengths(c.Lengths)
	k.lists.init(c.Members, c.Lists, c.Log.Snapshot.Index)
	k.lists.settle(max(c.Log.Snapshot.Index, c.Hard.ListCommitted))
	k.syncPeers()
	if why := refusal(&c); why != "" {
		k.fatal(why)
		return k
	}
	// Whoever was promised something by the life before this one is the replica whose epoch it
	// accepted last: an epoch of another was accepted only after the promises before had ended.
	k.promise = promise{to: c.Hard.AcceptedFrom, until: c.since(now).Add(c.Hard.LongestPromise)}
	k.enterLooking("started")
	k.progress()
	return k
}

// since is when the life before this one promised nothing any more: what it holds may have taken long to read.
func (c *Config) since(now lease.Instant) lease.Instant {
	cell.Assert(c.Since <= now, "the life before this one is to be over at %v, and it is %v", c.Since, now)
	if c.Since == 0 {
		return now
	}
	return c.Since
}

// refusal says which state of the disk is none that a crash can leave (Z11). An empty history
// that had begun is the disk's to judge: it knows whether a truncation had emptied it.
func refusal(c *Config) string {
	h, l := &c.Hard, &c.Log
	_, listed := c.Members.Find(c.ID)
	switch {
	case h.Copied:
		return copiedRemedy
	case h.Removed:
		return removedRemedy
	case h.Incarnation == 0:
		return "the data directory has no incarnation: it was never initialized"
	case h.AcceptedEpoch < h.CurrentEpoch:
		return fmt.Sprintf("accepted epoch %d lies below current epoch %d: the hard state is damaged; "+
			"remove the directory and start this replica anew", h.AcceptedEpoch, h.CurrentEpoch)
	case l.Last.Zxid.Epoch() > h.AcceptedEpoch:
		return fmt.Sprintf("the log ends at %v, in an epoch above the accepted one, %d: the hard state is older "+
			"than the log; remove the directory and start this replica anew", l.Last.Zxid, h.AcceptedEpoch)
	case badTable(l.Epochs, l.Last) != "":
		return "the log's summary has " + badTable(l.Epochs, l.Last)
	case !listed && len(c.Lists) == 0:
		return fmt.Sprintf("replica %d is not in the list of replicas", c.ID)
	}
	return ""
}

// SetLengths obeys new lengths of the cell (L3). Promises already made keep their length.
func (c *Core) SetLengths(l cell.Lengths) {
	c.rebacked()
	c.d, c.drift = lease.Duration(l.MasterLease), drift(l)
}

// Step handles one input at the instant now, and whatever time has brought until then.
func (c *Core) Step(now lease.Instant, in Input, out *Out) {
	if c.dead != "" {
		return
	}
	if now < c.now { // spelled out where it is hot: arguments of an assertion cost an allocation each
		cell.Assert(false, "time went back from %v to %v", c.now, now)
	}
	c.now, c.out = now, out
	c.input(in)
	c.progress()
	c.out = nil
}

func (c *Core) input(in Input) {
	switch in := in.(type) {
	case nil:
	case Batch:
		for _, x := range in {
			c.input(x)
		}
	case LinkUp:
		c.linkUp(in)
	case LinkDown:
		c.linkDown(in.Peer, in.Link, "its link broke")
	case Received:
		c.received(in)
	case Persisted:
		c.persisted(in.Ticket)
	case LogRead:
		c.logRead(in)
	case SnapshotOffered:
		c.snapshotOffered(in)
	case SnapshotFailed:
		c.snapshotFailed(in)
	case SnapshotReceived:
		c.snapshotReceived(in)
	case Compacted:
		c.log.compacted(in.First, in.Snapshot)
	case Propose:
		c.propose(in)
	case Resign:
		c.leave(in.Why)
	case Free:
		c.free = in.Bytes
	default:
		c.selfcheck(in)
	}
}

// progress does whatever has become possible: conditions are looked at, never called back.
func (c *Core) progress() {
	for range 8 { // a role changes at most a few times in one instant
		if c.dead != "" {
			return
		}
		c.moved = false
		c.settleStanding()
		c.settleHellos()
		switch c.role {
		case looks:
			c.lookOn()
		case leads:
			c.leadOn()
		case follows:
			c.followOn()
		}
		if !c.moved {
			break
		}
	}
	c.deliver()
	if c.role == leads && c.leftNow() {
		c.progress()
		return
	}
	c.writeOn()
	c.log.trim(c.delivered.Index)
	c.out.WakeAt = c.wakeAt()
}

func (c *Core) event(e Event) { c.out.Events = append(c.out.Events, e) }

func (c *Core) logf(format string, args ...any) { c.event(Log{fmt.Sprintf(format, args...)}) }

func (c *Core) fatal(why string) {
	if c.dead == "" {
		c.dead = why
		c.event(Fatal{why})
		c.out.WakeAt = lease.Never
	}
}
