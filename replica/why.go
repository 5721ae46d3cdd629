package replica

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
)

// Away says why a replica could not be reached when it was last tried; "" that it was.
type Away struct {
	ID  cell.ReplicaID
	Why string
}

// why is what is missing for this replica to serve: "" while it does.
func (r *Replica) why() string {
	switch {
	case r.ended != "":
		return r.ended
	case r.core.Leader() != 0:
		return ""
	}
	have, voters := []string{fmt.Sprint(r.config.Core.ID)}, 1
	var away []string
	for _, p := range r.core.Peers() {
		if p.Connected {
			have = append(have, fmt.Sprint(p.ID))
			voters++
			continue
		}
		reason := r.away[p.ID]
		if reason == "" {
			reason = "not connected"
		}
		away = append(away, fmt.Sprintf("%d %s", p.ID, reason))
	}
	if voters > len(r.members())/2 {
		return "electing: " + r.looking
	}
	return fmt.Sprintf("no quorum: have %s; away: %s", strings.Join(have, ", "), strings.Join(away, ", "))
}
