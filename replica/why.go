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
	case r.suspect():
		return r.whySuspect()
	case r.core.Leader() != 0:
		return r.check.alarm
	}
	have, away, voters := r.present()
	switch standing := r.core.Standing(); {
	case voters <= len(r.list())/2 && r.refusal() != "":
		return "no vote here, and no quorum: " + r.refusal()
	case standing == record.Unborn && !r.tree.Born():
		if len(away) == 0 {
			return "the cell is being born: " + r.looking
		}
		return "waiting for the birth of the cell, for which every replica is started once: " + list(have, away)
	case voters > len(r.list())/2:
		return "electing: " + r.looking
	case standing == record.Learner:
		return "a learner without a vote waits for a quorum: " + list(have, away)
	}
	return "no quorum: " + list(have, away)
}

// refusal is the line of a refusal that stands between this replica and another, if there is one.
func (r *Replica) refusal() string {
	for _, p := range r.core.Peers() {
		if !p.Connected && p.Refuses != "" {
			return p.Refuses
		}
	}
	return ""
}

// present are the replicas in reach, the others each with the reason, and how many of the first
// have a vote. All by id.
func (r *Replica) present() (have, away []string, voters int) {
	self := fmt.Sprint(r.config.Core.ID)
	if r.core.Standing() != record.Learner {
		voters++
	}
	for _, p := range r.core.Peers() {
		if p.ID > r.config.Core.ID && self != "" {
			have, self = append(have, self), ""
		}
		if !p.Connected {
			away = append(away, fmt.Sprintf("%d %s", p.ID, r.reason(p.ID)))
			continue
		}
		have = append(have, fmt.Sprint(p.ID))
		if p.Voter {
			voters++
		}
	}
	if self != "" {
		have = append(have, self)
	}
	return have, away, voters
}

func (r *Replica) reason(id cell.ReplicaID) string {
	if why := r.away[id]; why != "" {
		return why
	}
	return "not connected"
}

func list(have, away []string) string {
	if len(away) == 0 {
		return "have " + strings.Join(have, ", ")
	}
	return fmt.Sprintf("have %s; away: %s", strings.Join(have, ", "), strings.Join(away, ", "))
}
