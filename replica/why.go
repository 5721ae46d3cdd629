package replica

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Away says why a replica could not be reached when it was last tried; "" that it was.
type Away struct {
	ID  cell.ReplicaID
	Why string
}

// why is what is missing for this replica to serve: "" while it does. Whom a learner, or the
// birth of a cell, waits for is said by name (Z11).
func (r *Replica) why() string {
	switch {
	case r.ended != "":
		return r.ended
	case r.core.Leader() != 0:
		return ""
	}
	have, away, voters := r.present()
	switch standing := r.core.Standing(); {
	case standing == record.Unborn && !r.tree.Born():
		if len(away) == 0 {
			return "the cell is being born: " + r.looking
		}
		return "waiting for the birth of the cell, for which every replica is started once: " + list(have, away)
	case voters > len(r.members())/2:
		return "electing: " + r.looking
	case standing == record.Learner:
		return "a learner without a vote waits for a quorum: " + list(have, away)
	}
	return "no quorum: " + list(have, away)
}

// present are the replicas in reach, the others each with the reason, and how many of the first
// have a vote.
func (r *Replica) present() (have, away []string, voters int) {
	have = append(have, fmt.Sprint(r.config.Core.ID))
	if r.core.Standing() != record.Learner {
		voters++
	}
	for _, p := range r.core.Peers() {
		switch {
		case !p.Connected:
			reason := r.away[p.ID]
			if reason == "" {
				reason = "not connected"
			}
			away = append(away, fmt.Sprintf("%d %s", p.ID, reason))
			continue
		case p.Voter:
			voters++
		}
		have = append(have, fmt.Sprint(p.ID))
	}
	return have, away, voters
}

func list(have, away []string) string {
	if len(away) == 0 {
		return "have " + strings.Join(have, ", ")
	}
	return fmt.Sprintf("have %s; away: %s", strings.Join(have, ", "), strings.Join(away, ", "))
}
