package directory

import (
	"fmt"
	"maps"
	"slices"

	"github.com/leasehold/leasehold/lease"
)

// check walks the directory whole: both ends of every registration and of every debt agree.
func (d *Directory) check(now lease.Instant) error {
	open := map[*entry]int{}
	total := 0
	debts := map[*round]int{}
	for _, id := range slices.Sorted(maps.Keys(d.rounds)) {
		for _, e := range d.rounds[id].entries {
			open[e]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.cachers)) {
		c := d.cachers[id]
		if len(c.regs) != len(c.index) {
			return fmt.Errorf("session %v has %d registrations, %d indexed", id, len(c.regs), len(c.index))
		}
		total += len(c.regs)
		for i, r := range c.regs {
			if r.of != i || r.entry.regs[r.at] != r || c.index[r.entry] != r {
				return fmt.Errorf("session %v: registration %d is misplaced", id, i)
			}
			if open[r.entry] > 0 || d.everything > 0 {
				return fmt.Errorf("session %v is registered under an open round: %s", id, r.entry.name)
			}
		}
		if _, queued := d.owing.At(id); queued != (len(c.debts) > 0) {
			return fmt.Errorf("session %v owes %d, queued %v", id, len(c.debts), queued)
		}
		for _, b := range c.debts {
			for _, e := range b.entries {
				if !slices.Contains(e.debts, b) || d.entries[e.name] != e {
					return fmt.Errorf("session %v: debt %d is not listed at %s", id, b.seq, e.name)
				}
			}
			if b.everything != slices.Contains(d.broad, b) || b.everything == (len(b.entries) > 0) {
				return fmt.Errorf("session %v: debt %d of everything: %v", id, b.seq, b.everything)
			}
			for _, r := range b.rounds {
				debts[r]++
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.rounds)) {
		r := d.rounds[id]
		if r.debts != debts[r] || r.done != (r.debts == 0 && !r.old) {
			return fmt.Errorf("round %d waits for %d of %d debts, done %v", id, r.debts, debts[r], r.done)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(d.entries)) {
		e := d.entries[n]
		if e.open != open[e] || (e.open == 0 && len(e.regs) == 0 && len(e.debts) == 0) {
			return fmt.Errorf("name %s has %d rounds, %d counted, %d cachers", n, open[e], e.open, len(e.regs))
		}
	}
	if total != d.total {
		return fmt.Errorf("%d registrations, %d counted", total, d.total)
	}
	return nil
}
