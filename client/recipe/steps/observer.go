package steps

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Observer knows what one who observes an election has seen, and tells who leads.
type Observer struct {
	// Holds asks the master whether the hold stands, until there is an answer; false, too, when nobody
	// waits for one any more.
	Holds func(cell.Sequencer) bool
	// Tell tells of a leader, or of nobody; false: the reader wants no more.
	Tell func(Leader) bool

	begun  bool   // something has been told
	left   bool   // the reader wants no more
	last   Leader // what was told last
	claims Leader // who announced itself last, not withdrawn
	synced bool
	away   bool // no connection to a master that we could trust
}

// Forget begins anew, with another watch.
func (o *Observer) Forget() { o.synced, o.claims = false, Leader{} }

// Away says whether there is no connection to a master that we could trust.
func (o *Observer) Away(away bool) { o.away = away }

// Left reports that the reader wants no more.
func (o *Observer) Left() bool { return o.left }

// Note takes an event of the announcement up.
func (o *Observer) Note(e call.Event) {
	switch e.Kind {
	case call.EventCurrent, call.EventCreated, call.EventModified:
		o.claims = parseLeader(e.Contents)
	case call.EventDeleted:
		o.claims = Leader{}
	case call.EventSynced:
		o.synced = true
	case call.EventResync:
		o.Forget()
	}
}

// Settle tells what now holds. The master is asked before a leader is told.
func (o *Observer) Settle() {
	switch {
	case !o.synced || o.away || o.claims.None():
		if o.begun || o.synced {
			o.say(Leader{})
		}
	case o.claims.Held != o.last.Held:
		o.say(Leader{})
		if !o.left && o.Holds(o.claims.Held) {
			o.say(o.claims)
		}
	}
}

// Lose tells that nobody is known to lead: the watch has ended.
func (o *Observer) Lose() { o.say(Leader{}) }

func (o *Observer) say(l Leader) {
	if o.left || o.begun && l.Held == o.last.Held {
		return
	}
	o.begun, o.last = true, l
	o.left = !o.Tell(l)
}
