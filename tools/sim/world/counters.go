package world

import (
	"fmt"
	"strings"
)

// Counters say what runs went through: a run that never met a thing has not tested it.
type Counters struct {
	Runs, Events, Turns                                                  int
	Elections, Commits, Births, Bound                                    int
	Diffs, Truncs, Snaps, RollOvers                                      int
	Crashes, PowerCuts, Midway, Halts, Stalls, Pauses, Partitions        int
	TailsCut, LostWrites, TornWrites, Holes, Restarts, Emptied, PutBacks int
	FailOvers, Rounds, Lapses, Cached, Expiries, SilentMarks             int
	LockDelays, HandOvers, Cancelled, Replayed, Resyncs                  int
	Conflicts, Reads, Writes, Locks, Judged, Undecided, Views            int
	Retired, Unmade, Proofs, Ephemerals, Lists                           int
	Txns, Halved, Revalidated                                            int
}

// Add sums two runs.
func (c *Counters) Add(o Counters) {
	mine, theirs := c.fields(), o.fields()
	for i := range mine {
		*mine[i].value += *theirs[i].value
	}
}

type field struct {
	name  string
	value *int
}

func (c *Counters) fields() []field {
	return []field{
		{"runs", &c.Runs}, {"events", &c.Events}, {"turns", &c.Turns}, {"elections", &c.Elections},
		{"commits", &c.Commits}, {"births", &c.Births}, {"bound later", &c.Bound},
		{"DIFF", &c.Diffs}, {"TRUNC", &c.Truncs}, {"SNAP", &c.Snaps}, {"roll-overs", &c.RollOvers},
		{"crashes", &c.Crashes}, {"power cuts", &c.PowerCuts}, {"between two steps of a disk", &c.Midway},
		{"halts in a turn", &c.Halts},
		{"stalls in a turn", &c.Stalls}, {"pauses", &c.Pauses}, {"partitions", &c.Partitions},
		{"torn tails cut", &c.TailsCut}, {"lost writes", &c.LostWrites}, {"torn writes", &c.TornWrites},
		{"holes", &c.Holes}, {"restarts with lost writes", &c.Restarts},
		{"emptied disks", &c.Emptied}, {"directories put back", &c.PutBacks}, {"never started again", &c.Retired},
		{"fail-overs with sessions alive", &c.FailOvers},
		{"rounds", &c.Rounds}, {"rounds ended by a lapse", &c.Lapses},
		{"cached reads", &c.Cached}, {"expiries", &c.Expiries}, {"silent marks", &c.SilentMarks},
		{"lock-delays", &c.LockDelays}, {"hand-overs", &c.HandOvers}, {"cancelled waiters", &c.Cancelled},
		{"retries answered from the record", &c.Replayed}, {"resyncs", &c.Resyncs}, {"conflicts", &c.Conflicts},
		{"views that lost the race", &c.Views}, {"reads", &c.Reads}, {"writes", &c.Writes}, {"locks", &c.Locks},
		{"lock nodes deleted", &c.Unmade}, {"sequencers taken", &c.Proofs}, {"ephemerals", &c.Ephemerals},
		{"cached lists", &c.Lists}, {"transactions of several parts", &c.Txns},
		{"transactions refused in the middle", &c.Halved}, {"cached again, revalidated", &c.Revalidated},
		{"histories judged", &c.Judged}, {"histories undecided", &c.Undecided},
	}
}

// String is a line for each counter.
func (c *Counters) String() string {
	var b strings.Builder
	for _, f := range c.fields() {
		fmt.Fprintf(&b, "%-34s %d\n", f.name, *f.value)
	}
	return b.String()
}
