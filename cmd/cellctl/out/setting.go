package out

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Settings prints the cell's settings: lengths in seconds, limits as numbers, the drift as a fraction;
// and the leases that may still be running, where these are longer.
func (p Printer) Settings(all cell.Settings, granted cell.Granted) error {
	j, table := map[string]any{}, rows{}
	for _, s := range cell.AllSettings() {
		v := s.Of(all)
		shown := fmt.Sprint(v)
		if j[s.Key] = v; s.Length {
			j[s.Key], shown = seconds(time.Duration(v)), time.Duration(v).String()
		}
		table = append(table, []string{s.Key + ":", shown})
	}
	drift := float64(all.Lengths.DriftPPM) / 1e6
	j["drift"] = drift
	table = append(table, []string{"drift:", fmt.Sprint(drift)})
	j["session_lease_running"], j["cache_lease_running"] = seconds(granted.SessionLease), seconds(granted.CacheLease)
	if granted.SessionLease > all.Lengths.SessionLease {
		table = append(table, []string{"session leases running:", "up to " + granted.SessionLease.String()})
	}
	if granted.CacheLease > all.Lengths.CacheLease {
		table = append(table, []string{"cache leases running:", "up to " + granted.CacheLease.String()})
	}
	return p.one(j, table, "")
}
