package world

import (
	"fmt"
	"reflect"
	"strings"
)

// Counters say what runs went through: a run that never met a thing has not tested it. Each stands on
// a line of its own, with the words that it is shown by.
type Counters struct {
	Runs        int `is:"runs"`
	Events      int `is:"events"`
	Turns       int `is:"turns"`
	Elections   int `is:"elections"`
	Commits     int `is:"commits"`
	Births      int `is:"births"`
	Bound       int `is:"bound later"`
	Diffs       int `is:"DIFF"`
	Truncs      int `is:"TRUNC"`
	Snaps       int `is:"SNAP"`
	RollOvers   int `is:"roll-overs"`
	Crashes     int `is:"crashes"`
	PowerCuts   int `is:"power cuts"`
	Midway      int `is:"between two steps of a disk"`
	Halts       int `is:"halts in a turn"`
	Stalls      int `is:"stalls in a turn"`
	Pauses      int `is:"pauses"`
	Partitions  int `is:"partitions"`
	TailsCut    int `is:"torn tails cut"`
	LostWrites  int `is:"lost writes"`
	TornWrites  int `is:"torn writes"`
	Holes       int `is:"holes"`
	Restarts    int `is:"restarts with lost writes"`
	Emptied     int `is:"emptied disks"`
	PutBacks    int `is:"directories put back"`
	Copies      int `is:"copies beside the original"`
	Retired     int `is:"never started again"`
	Filled      int `is:"full disks"`
	Unfit       int `is:"refused for want of space"`
	Swaps       int `is:"member swaps"`
	Rebound     int `is:"rebound incarnations"`
	Bodies      int `is:"second machines of one id"`
	Dismissed   int `is:"told that they were removed"`
	FailOvers   int `is:"fail-overs with sessions alive"`
	Rounds      int `is:"rounds"`
	Lapses      int `is:"rounds ended by a lapse"`
	Cached      int `is:"cached reads"`
	Expiries    int `is:"expiries"`
	SilentMarks int `is:"silent marks"`
	LockDelays  int `is:"lock-delays"`
	HandOvers   int `is:"hand-overs"`
	Cancelled   int `is:"cancelled waiters"`
	Replayed    int `is:"retries answered from the record"`
	Resyncs     int `is:"resyncs"`
	Conflicts   int `is:"conflicts"`
	Views       int `is:"views that lost the race"`
	Reads       int `is:"reads"`
	Writes      int `is:"writes"`
	Locks       int `is:"locks"`
	Unmade      int `is:"lock nodes deleted"`
	Proofs      int `is:"sequencers taken"`
	Ephemerals  int `is:"ephemerals"`
	Commands    int `is:"commands under a hold"`
	Slain       int `is:"commands killed"`
	OwnLocks    int `is:"locks on own ephemerals"`
	Pages       int `is:"lists in pages"`
	Overflows   int `is:"full links"`
	Lists       int `is:"cached lists"`
	Recursive   int `is:"recursive watches"`
	Secrets     int `is:"secrets read from the cache"`
	Denied      int `is:"reads denied"`
	Txns        int `is:"transactions of several parts"`
	Halved      int `is:"transactions refused in the middle"`
	Perished    int `is:"nodes gone by themselves"`
	Ages        int `is:"loggings of the cell's age"`
	InTurn      int `is:"recipes: turns of the sequential lock"`
	Permits     int `is:"recipes: permits"`
	Claims      int `is:"recipes: elements claimed"`
	Acks        int `is:"recipes: elements acknowledged"`
	Meetings    int `is:"recipes: barriers passed"`
	Together    int `is:"recipes: rounds left together"`
	Worked      int `is:"recipes: shards worked on"`
	Counted     int `is:"recipes: updates of a value"`
	Leads       int `is:"recipes: leaders announced"`
	Observed    int `is:"recipes: leaders observed"`
	Joined      int `is:"recipes: members joined"`
	Changes     int `is:"recipes: changes of a group told"`
	Named       int `is:"recipes: ids given"`
	Ended       int `is:"recipes: tasks ended"`
	GivenAnew   int `is:"recipes: tasks given anew"`
	AtReplicas  int `is:"reads at replicas"`
	Revalidated int `is:"cached again, revalidated"`
	Broken      int `is:"holds broken"`
	Killed      int `is:"holds killed"`
	MaxHolds    int `is:"holds ended by MaxHold"`
	Unyielded   int `is:"taken holds that lapsed"`
	Deaf        int `is:"releases withheld"`
	Settings    int `is:"settings changed"`
	Allowed     int `is:"leases raised or lowered"`
	HeardAgain  int `is:"heard again after silence"`
	Unmarked    int `is:"logged as caching nothing"`
	Markers     int `is:"digest markers"`
	Agreements  int `is:"digests announced"`
	Disputes    int `is:"markers without agreement"`
	Flips       int `is:"bits flipped in a tree"`
	MasterFlips int `is:"of them in the master's"`
	Quarantines int `is:"quarantines"`
	Rebuilt     int `is:"rebuilt after a quarantine"`
	WrongReads  int `is:"wrong reads before the finding"`
	Kept        int `is:"reads of what may rot"`
	Upgrades    int `is:"replicas of a newer format"`
	Raised      int `is:"formats raised"`
	Judged      int `is:"histories judged"`
	Undecided   int `is:"histories undecided"`
}

// Add sums two runs.
func (c *Counters) Add(o Counters) {
	mine, theirs := reflect.ValueOf(c).Elem(), reflect.ValueOf(o)
	for i := range mine.NumField() {
		mine.Field(i).SetInt(mine.Field(i).Int() + theirs.Field(i).Int())
	}
}

// String is a line for each counter.
func (c *Counters) String() string {
	var b strings.Builder
	mine := reflect.ValueOf(c).Elem()
	for i := range mine.NumField() {
		fmt.Fprintf(&b, "%-34s %d\n", mine.Type().Field(i).Tag.Get("is"), mine.Field(i).Int())
	}
	return b.String()
}
