package out

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

type memberJSON struct {
	ID          cell.ReplicaID `json:"id"`
	Client      *string        `json:"client"`
	Peer        *string        `json:"peer"`
	HTTP        *string        `json:"http"`
	Incarnation *string        `json:"incarnation"`
	Listed      bool           `json:"listed"`
	Role        string         `json:"role"`
	Lag         *int64         `json:"lag"`
	Error       *string        `json:"error"`
}

func memberOf(m client.Member) memberJSON {
	r := replicaOf(m.Replica)
	j := memberJSON{ID: m.ID, Client: optional(m.Client), Peer: optional(m.Peer), HTTP: optional(m.HTTP),
		Listed: m.Listed, Role: r.Role, Lag: r.Lag, Error: r.Error}
	if m.Incarnation != 0 {
		text := fmt.Sprint(uint64(m.Incarnation))
		j.Incarnation = &text
	}
	return j
}

// Members prints the member list, and the learners behind it.
func (p Printer) Members(all []client.Member) error {
	items, table := make([]memberJSON, len(all)), rows{{"MEMBER", "CLIENTS", "PEERS", "HTTP", "ROLE", "LAG", "SAYS"}}
	for i, m := range all {
		j := memberOf(m)
		items[i] = j
		id := fmt.Sprint(m.ID)
		if !m.Listed {
			id += " (not a member)"
		}
		table = append(table, []string{id, dash(j.Client), dash(j.Peer), dash(j.HTTP), j.Role, number(j.Lag),
			plainOf(j.Error)})
	}
	return list(p, items, table, "")
}
