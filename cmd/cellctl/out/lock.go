package out

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

type lockJSON struct {
	Name       string       `json:"name"`
	Mode       string       `json:"mode"`
	Generation string       `json:"generation"`
	Holders    []holderJSON `json:"holders"`
	DelayLeft  *float64     `json:"delay_left"`
	Waiters    []waiterJSON `json:"waiters"`
}

type holderJSON struct {
	Session   string   `json:"session"`
	Identity  *string  `json:"identity"`
	Principal *string  `json:"principal"`
	Address   *string  `json:"address"`
	Note      *string  `json:"note"`
	Since     *string  `json:"since"`
	Token     string   `json:"token"`
	Sequencer string   `json:"sequencer"`
	LeaseLeft *float64 `json:"lease_left"`
	Taken     *string  `json:"taken,omitempty"` // how it was taken, while it has not been given back
}

type waiterJSON struct {
	Session   string   `json:"session"`
	Identity  *string  `json:"identity"`
	Principal *string  `json:"principal"`
	Mode      string   `json:"mode"`
	Waiting   *float64 `json:"waiting"`
}

// shownLockJSON is a lock by itself, with its history, oldest first.
type shownLockJSON struct {
	lockJSON
	History []pastJSON `json:"history"`
}

type pastJSON struct {
	Identity *string `json:"identity"`
	Session  string  `json:"session"`
	Token    string  `json:"token"`
	Since    *string `json:"since"`
	Until    *string `json:"until"`
	Ended    string  `json:"ended"`
}

func historyOf(all []client.PastHold) []pastJSON {
	out := make([]pastJSON, len(all))
	for i, p := range all {
		out[i] = pastJSON{Identity: optional(p.Identity), Session: p.Session.String(), Token: digits(p.Token),
			Since: instant(p.Since), Until: instant(p.Until), Ended: p.End.String()}
	}
	return out
}

func taken(l client.Loss) *string {
	if !l.Taken() {
		return nil
	}
	return optional(l.String())
}

func lockOf(l client.LockInfo) lockJSON {
	j := lockJSON{
		Name: l.Name, Mode: l.Mode.String(), Generation: digits(l.Generation),
		Holders: make([]holderJSON, len(l.Holders)), Waiters: make([]waiterJSON, len(l.Waiters)),
	}
	if l.DelayLeft > 0 {
		j.DelayLeft = seconds(l.DelayLeft)
	}
	for i, h := range l.Holders {
		j.Holders[i] = holderJSON{
			Session: h.Session.String(), Identity: optional(h.Identity), Principal: optional(h.Principal),
			Address: optional(h.Address), Note: optional(h.Note), Since: instant(h.Since),
			Token: digits(h.Token), Sequencer: h.Sequencer.String(), LeaseLeft: seconds(h.LeaseLeft),
			Taken: taken(h.Loss),
		}
	}
	for i, w := range l.Waiters {
		j.Waiters[i] = waiterJSON{
			Session: w.Session.String(), Identity: optional(w.Identity), Principal: optional(w.Principal),
			Mode: w.Mode.String(), Waiting: seconds(w.Waiting),
		}
	}
	return j
}

// Locks prints locks, a row for each holder, delay and waiter.
func (p Printer) Locks(locks []client.LockInfo) error {
	items, table := make([]lockJSON, len(locks)), rows{}
	if len(locks) > 0 {
		table = append(table, []string{"NAME", "STATE", "MODE", "WHO", "SESSION", "SINCE", "LEFT", "TOKEN", "NOTE"})
	}
	for i, l := range locks {
		items[i] = lockOf(l)
		table = append(table, lockRows(l)...)
	}
	return list(p, items, table, "")
}

func lockRows(l client.LockInfo) (table rows) {
	for _, h := range l.Holders {
		state := "held"
		if h.Loss.Taken() {
			state = "taken"
		}
		table = append(table, []string{l.Name, state, l.Mode.String(), plain(h.Identity), h.Session.String(),
			moment(h.Since), span(h.LeaseLeft), digits(h.Token), plain(h.Note)})
	}
	if l.DelayLeft > 0 {
		table = append(table, []string{l.Name, "delay", l.Mode.String(), "-", "-", "-", span(l.DelayLeft), "-", "-"})
	}
	for _, w := range l.Waiters {
		table = append(table, []string{l.Name, "waiting", w.Mode.String(), plain(w.Identity), w.Session.String(),
			moment(w.Since), "-", "-", "-"})
	}
	return table
}

// Lock prints one lock with all that is known of it.
func (p Printer) Lock(l client.LockInfo) error {
	table := rows{{"name:", l.Name + " (advisory)"}, {"mode:", l.Mode.String()}, {"generation:", digits(l.Generation)}}
	for _, h := range l.Holders {
		table = append(table, rows{
			{"holder:", plain(h.Identity)}, {"  session:", h.Session.String()}, {"  principal:", plain(h.Principal)},
			{"  address:", plain(h.Address)}, {"  note:", plain(h.Note)}, {"  since:", moment(h.Since)},
			{"  token:", digits(h.Token)}, {"  sequencer:", h.Sequencer.String()},
			{"  if lost:", fmt.Sprintf("lease %s, then its lock-delay", span(h.LeaseLeft))},
		}...)
		if h.Loss.Taken() {
			table = append(table, []string{"  taken:", h.Loss.String() + "; its client has not given it back"})
		}
	}
	if l.DelayLeft > 0 {
		table = append(table, []string{"lock-delay:", fmt.Sprintf("free in %s", span(l.DelayLeft))})
	}
	for i, w := range l.Waiters {
		table = append(table, []string{fmt.Sprintf("waiter %d:", i+1),
			fmt.Sprintf("%s session %v %v, for %s", plain(w.Identity), w.Session, w.Mode, span(w.Waiting))})
	}
	for _, h := range l.History {
		table = append(table, []string{"before:", fmt.Sprintf("%s session %v token %d, %s to %s, %s",
			plain(h.Identity), h.Session, h.Token, moment(h.Since), moment(h.Until), h.End)})
	}
	return p.one(shownLockJSON{lockOf(l), historyOf(l.History)}, table, "")
}

// Held is what cellctl itself holds: a lock, or, without a sequencer, an ephemeral node.
type Held struct {
	Name      string
	Session   cell.SessionID
	Sequencer *cell.Sequencer
}

type heldJSON struct {
	Name      string  `json:"name"`
	Session   string  `json:"session"`
	Sequencer *string `json:"sequencer"`
	Token     *string `json:"token"`
}

// Held prints what is held from now on: the sequencer, or the name.
func (p Printer) Held(h Held) error {
	j, line := heldJSON{Name: h.Name, Session: h.Session.String()}, h.Name
	if h.Sequencer != nil {
		s, t := h.Sequencer.String(), digits(h.Sequencer.Token())
		j.Sequencer, j.Token, line = &s, &t, s
	}
	return p.one(j, rows{{line}}, line+"\n")
}

// Valid prints whether a sequencer is.
func (p Printer) Valid(valid bool) error {
	word := "stale"
	if valid {
		word = "valid"
	}
	return p.one(struct {
		Valid bool `json:"valid"`
	}{valid}, rows{{word}}, "")
}
