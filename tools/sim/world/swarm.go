package world

import (
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Swarm is what one seed draws before anything happens: how many machines, how fast each fault
// comes, how the cell is set. Many faults are off in any one run, so that those which are on
// find states that all together would never let grow.
type Swarm struct {
	Replicas int
	Clients  int
	Length   True // how long faults go on; then everything heals
	Healing  True // and service must come back within this
	Lengths  cell.Lengths
	Limits   cell.Limits
	RollAt   uint32      // last counter of an epoch
	Every    [kinds]True // mean time between two faults of a kind; 0: never
	Power    int         // of a million crashes, how many are of the machine's power
	Stalls   int         // of a million turns, how many stop for a while in the middle
	Halts    int         // of a million turns, how many end with a crash in the middle
	Late     int         // of a million disk syncs, how many take a second or more
	Midway   int         // of a million steps of a disk, how many a power cut follows before the next
	Beyond   bool        // clocks drift beyond the bound: then the checkers must object
	Shots    uint64      // records between two snapshots
	History  int         // changes that a replica keeps for watches
	Slot     True        // how long one set of names is used
	Names    int         // how many names the clients use
	Grace    True        // of the clients' sessions
	Think    True        // at most, between two calls of a client
	Bare     bool        // the core alone, without trees and clients
	Recipes  bool        // users use the recipes
	Deep     bool        // users make and unmake paths under each other
	Differ   bool        // each start finds other lengths in its file
	Rate     [3]True     // bytes that a link of each use carries in a second; 0: as many as there are
	Waits    [3]int      // bytes that may wait at one end of a link of each use; 0: as many as there are
	Starts   True        // within which all machines are started first
	MayDie   bool        // disks are emptied even where that may end the cell for good
	Birth    bool        // faults begin with the first start, not after it
	Swaps    True        // mean time between two replacements of a member; 0: none
	Missing  bool        // one machine is started for the first time when everything heals
	Flips    True        // mean time between two bits that flip in a tree; 0: none do
	Markers  int         // transactions from one digest marker to the next
	Mixed    bool        // replicas know different formats, and are upgraded one by one
	Twins    bool        // two machines have the directory that init made for one id: only safety is asked for
}

// Fault is a kind of fault.
type Fault int

// The kinds of fault that come by themselves. Those in the middle of a turn are drawn per turn.
const (
	Crash Fault = iota
	CrashAll
	Partition
	OneWay
	Break
	Pause
	SlowDisk
	Slew
	EmptyDisk
	StepDown
	UserCrash
	UserPause
	PauseAll
	UserCut
	PutBack
	Retire
	CopyInit
	CopyLive
	FullDisk
	kinds
)

// String is the word in the trace.
func (f Fault) String() string {
	return [...]string{"crash", "crash-all", "partition", "one-way", "break", "pause", "slow-disk", "slew",
		"empty-disk", "step-down", "user-crash", "user-pause", "pause-all", "user-cut", "put-back",
		"retire", "copy-init", "copy-live", "full-disk"}[f]
}

// mean is how often a fault that is on comes, at the most and at the least.
var mean = [kinds][2]True{
	Crash:     {500 * Millisecond, 10 * Second},
	CrashAll:  {5 * Second, 20 * Second},
	Partition: {Second, 10 * Second},
	OneWay:    {Second, 10 * Second},
	Break:     {100 * Millisecond, 5 * Second},
	Pause:     {500 * Millisecond, 10 * Second},
	SlowDisk:  {2 * Second, 20 * Second},
	Slew:      {100 * Millisecond, Second},
	EmptyDisk: {5 * Second, 30 * Second},
	StepDown:  {Second, 10 * Second},
	UserCrash: {Second, 20 * Second},
	UserPause: {Second, 10 * Second},
	PauseAll:  {3 * Second, 20 * Second},
	UserCut:   {2 * Second, 20 * Second},
	PutBack:   {3 * Second, 10 * Second},
	Retire:    {5 * Second, 60 * Second},
	CopyInit:  {3 * Second, 10 * Second},
	CopyLive:  {3 * Second, 10 * Second},
	FullDisk:  {2 * Second, 15 * Second},
}

// DrawSwarm draws what the seed stands for.
func DrawSwarm(d Dice) Swarm {
	s := Swarm{
		Replicas: 3 + 2*d.Below(2), Clients: 1 + d.Below(4), Length: d.Between(5*Second, 30*Second),
		Healing: 20 * Second, Lengths: drawLengths(d), Limits: cell.DefaultLimits(), Shots: uint64(20 + d.Below(200)),
		History: 10 + d.Below(2)*1000, Slot: d.Between(2*Second, 12*Second), Bare: d.Chance(250_000),
		Grace: d.Between(2*Second, 45*Second), Think: d.Skewed(2*Millisecond, 400*Millisecond),
		Names: 1 + d.Below(5), Birth: d.Chance(300_000), MayDie: d.Chance(50_000), Starts: d.Skewed(Second, 10*Second),
	}
	for f := range s.Every[:FullDisk] {
		if d.Chance(500_000) {
			s.Every[f] = d.Skewed(mean[f][0], mean[f][1])
		}
	}
	s.Differ = d.Chance(250_000)
	s.Missing, s.Twins = d.Chance(60_000), d.Chance(60_000)
	if s.Missing || s.Twins {
		s.Birth = true // nothing is born before
	}
	s.Deep = d.Chance(250_000)
	s.Recipes = d.Chance(400_000)
	for use := range s.Rate { // 1 Mbit/s
		if d.Chance(150_000) {
			s.Rate[use] = 125_000
		}
	}
	if d.Chance(150_000) {
		s.Waits[Client] = 8<<10 + d.Below(64<<10)
	}
	if d.Chance(150_000) {
		s.Waits[Protocol] = 32<<10 + d.Below(128<<10)
	}
	if d.Chance(300_000) {
		s.Limits.Unacked = 1 + d.Below(3)
	}
	s.Every[Slew] = d.Between(mean[Slew][0], mean[Slew][1])
	s.Power = d.Below(3) * 500_000
	if d.Chance(400_000) {
		s.Stalls = d.Below(5_000)
	}
	if d.Chance(400_000) {
		s.Halts = d.Below(2_000)
	}
	if d.Chance(400_000) {
		s.Late = d.Below(200_000)
	}
	if d.Chance(300_000) {
		s.Midway = d.Below(2_000)
	}
	if d.Chance(200_000) { // one run in five rolls its counter over
		s.RollAt = uint32(4 + d.Below(12)) // a mastership of a run makes some ten transactions
		if s.Bare {                        // its load is higher: an epoch is to last for a while
			s.RollAt *= 40
		}
	}
	if d.Chance(200_000) && !s.Missing && !s.Twins {
		s.Swaps = d.Skewed(Second, 10*Second)
		// Directories put back are refused by who has seen later starts: a newcomer has not.
		s.Every[PutBack], s.Every[CopyLive], s.Every[CopyInit] = 0, 0, 0
	}
	s.Markers = 1 + int(d.Skewed(0, 200))
	if d.Chance(300_000) && !s.Twins {
		s.Flips = d.Skewed(2*Second, 15*Second)
	}
	s.Mixed = d.Chance(250_000) && !s.Twins
	if d.Chance(250_000) {
		s.Every[FullDisk] = d.Skewed(mean[FullDisk][0], mean[FullDisk][1])
	}
	return s
}

// drawLengths draws what another machine counts on: often the defaults, often small.
func drawLengths(d Dice) cell.Lengths {
	l := cell.DefaultLengths()
	if d.Chance(400_000) {
		return l
	}
	l.MasterLease = time.Duration(d.Between(100*Millisecond, 600*Millisecond))
	l.SessionLease = time.Duration(d.Skewed(Second, 12*Second))
	l.CacheLease = time.Duration(d.Between(100*Millisecond, min(3*Second, True(l.SessionLease))))
	l.LockDelay = time.Duration(d.Skewed(0, 5*Second))
	l.DriftPPM = int64(d.Below(3)) * 10_000
	cell.Assert(l.Invalid() == "", "drawn lengths: %s", l.Invalid())
	return l
}
