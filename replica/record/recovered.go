package record

// Recovered is what a disk hands to the replica at its start.
type Recovered struct {
	Hard      HardState
	HadHard   bool // false: the first start of this directory
	Summary   Summary
	TornBytes int      // cut from the log's end: written, never promised
	Notes     []string // lines to log
	Recent    []Record // the end of the log, for memory
	Lists     []Record // the member lists in the log behind the snapshot
}

// Found is everything that a disk found at a start, before it is judged.
type Found struct {
	Hard    HardState
	HadHard bool
	Emptied bool   // the log was cut down to nothing, and nothing has been synced since
	Log     Report // of the scan
	Base    Mark   // the newest snapshot that was verified; zero when there is none
}

// Conclude puts hard state, log and base snapshot together, or refuses with a *Refusal.
func Conclude(f Found) (Summary, error) {
	r, base := f.Log, f.Base
	if r.First == 0 {
		return Summary{}, Lost("the log has no segment")
	}
	last := r.Last
	if last == (Mark{}) && r.First == base.Index+1 {
		last = base
	}
	switch end, none := max(last.Index, r.First-1), last == (Mark{}) && base == (Mark{}); {
	case none && f.Hard.Begun && !f.Emptied:
		return Summary{}, Lost("the hard state says that history has begun here, but log and snapshots are empty")
	case !none && !f.HadHard:
		return Summary{}, Lost("there is history here (up to %v) but no hard state: what was promised is not known", last)
	case base.Index > end:
		return Summary{}, Damaged("the log ends at %d, before the snapshot %v that was made from it", end, base)
	case base.Index+1 < r.First:
		return Summary{}, Lost("the log begins at %d; the newest snapshot that can be read is %v", r.First, base)
	}
	return Summary{Snapshot: base, First: r.First, Last: last, Epochs: epochsFrom(base, r)}, nil
}

// epochsFrom is the table of the log's epochs, with the snapshot's when the log begins after it.
func epochsFrom(base Mark, r Report) []EpochEnd {
	if base == (Mark{}) || base.Index != r.First-1 {
		return r.Epochs
	}
	epochs := []EpochEnd{{Epoch: base.Zxid.Epoch(), Last: base}}
	for _, e := range r.Epochs {
		epochs = extend(epochs, e.Last)
	}
	return epochs
}
