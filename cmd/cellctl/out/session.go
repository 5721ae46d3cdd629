package out

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

type sessionJSON struct {
	ID         string      `json:"id"`
	Identity   *string     `json:"identity"`
	Principal  *string     `json:"principal"`
	Address    *string     `json:"address"`
	State      string      `json:"state"`
	LeaseLeft  *float64    `json:"lease_left"`
	Created    *string     `json:"created"`
	Locks      []cell.Name `json:"locks"`
	Ephemerals []cell.Name `json:"ephemerals"`
	Watches    int         `json:"watches"`
}

// Sessions prints the sessions of the cell.
func (p Printer) Sessions(sessions []client.SessionInfo) error {
	items, table := make([]sessionJSON, len(sessions)), rows{}
	if len(sessions) > 0 {
		table = append(table, []string{"SESSION", "WHO", "ADDRESS", "STATE", "LEFT", "CREATED", "LOCKS", "EPHEMERALS",
			"WATCHES"})
	}
	for i, s := range sessions {
		items[i] = sessionOf(s)
		table = append(table, []string{s.ID.String(), plain(s.Identity), plain(s.Address), s.State, span(s.LeaseLeft),
			moment(s.Created), fmt.Sprint(len(s.Locks)), fmt.Sprint(len(s.Ephemerals)), fmt.Sprint(s.Watches)})
	}
	return list(p, items, table, "")
}

func sessionOf(s client.SessionInfo) sessionJSON {
	return sessionJSON{
		ID: s.ID.String(), Identity: optional(s.Identity), Principal: optional(s.Principal),
		Address: optional(s.Address), State: s.State, LeaseLeft: seconds(s.LeaseLeft), Created: instant(s.Created),
		Locks: append([]cell.Name{}, s.Locks...), Ephemerals: append([]cell.Name{}, s.Ephemerals...),
		Watches: s.Watches,
	}
}

// Session prints one session with all that is known of it.
func (p Printer) Session(s client.SessionInfo) error {
	table := rows{
		{"session:", s.ID.String()}, {"identity:", plain(s.Identity)}, {"principal:", plain(s.Principal)},
		{"address:", plain(s.Address)}, {"state:", s.State}, {"lease left:", span(s.LeaseLeft)},
		{"created:", moment(s.Created)}, {"watches:", fmt.Sprint(s.Watches)},
	}
	for _, n := range s.Locks {
		table = append(table, []string{"holds:", string(n)})
	}
	for _, n := range s.Ephemerals {
		table = append(table, []string{"ephemeral:", string(n)})
	}
	return p.one(sessionOf(s), table, "")
}
