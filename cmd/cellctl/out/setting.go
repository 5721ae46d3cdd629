package out

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Settings prints the cell's settings: lengths in seconds, limits as numbers, the drift as a fraction;
// the leases that may still be running, where these are longer; and the quotas, with what is used.
func (p Printer) Settings(all cell.Settings, granted cell.Granted, quotas []cell.Quota) error {
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
	list := []any{}
	for _, q := range quotas {
		list = append(list, map[string]any{"name": q.Name, "nodes": bound(q.Nodes), "bytes": bound(q.Bytes),
			"used_nodes": q.UsedNodes, "used_bytes": q.UsedBytes})
		for _, x := range []struct {
			key        string
			most, used int64
		}{{q.NodesKey(), q.Nodes, q.UsedNodes}, {q.BytesKey(), q.Bytes, q.UsedBytes}} {
			if x.most > 0 {
				table = append(table, []string{x.key + ":", fmt.Sprintf("%d, used %d", x.most, x.used)})
			}
		}
	}
	j["quotas"] = list
	return p.one(j, table, "")
}

// bound is null where there is none.
func bound(most int64) any {
	if most == 0 {
		return nil
	}
	return most
}
