package record

// Recovered is what a disk hands to the replica at its start.
type Recovered struct {
	Hard      HardState
	HadHard   bool // false: the first start of this directory
	Summary   Summary
	TornBytes int      // cut from the log's end: written, never promised
	Notes     []string // lines to log
	Recent    []Record // the end of the log, for memory
}

// Conclude puts hard state, log and base snapshot together, or refuses with a *Refusal. base
// is the newest snapshot that was verified, the zero Mark when there is none.
func Conclude(h HardState, had bool, r Report, base Mark) (Summary, error) {
	if r.First == 0 {
		return Summary{}, Lost("the log has no segment")
	}
	last := r.Last
	if last == (Mark{}) && r.First == base.Index+1 {
		last = base
	}
	switch end := max(last.Index, r.First-1); {
	case h.Begun && last == (Mark{}) && base == (Mark{}):
		return Summary{}, Lost("the hard state says that history has begun here, but log and snapshots are empty")
	case !had && (last != (Mark{}) || base != (Mark{})):
		return Summary{}, Lost("there is history here (up to %v) but no hard state: what was promised is not known", last)
	case base.Index > end:
		return Summary{}, Damaged("the log ends at %d, before the snapshot %v that was made from it", end, base)
	case base.Index+1 < r.First:
		return Summary{}, Lost("the log begins at %d; the newest snapshot that can be read is %v", r.First, base)
	}
	epochs := r.Epochs
	if base != (Mark{}) && base.Index == r.First-1 {
		epochs = []EpochEnd{{Epoch: base.Zxid.Epoch(), Last: base}}
		for _, e := range r.Epochs {
			epochs = extend(epochs, e.Last)
		}
	}
	return Summary{Snapshot: base, First: r.First, Last: last, Epochs: epochs}, nil
}
