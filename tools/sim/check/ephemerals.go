package check

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
)

// Ephemerals is a book of who owns which ephemeral node: it stays while its session lives,
// unless somebody deletes it, and is gone when the session's record goes (C11).
type Ephemerals struct {
	court *Court
	owner map[cell.Name]cell.SessionID
	ended map[cell.SessionID]bool
}

// NewEphemerals has seen nothing.
func NewEphemerals(c *Court) *Ephemerals {
	return &Ephemerals{court: c, owner: map[cell.Name]cell.SessionID{}, ended: map[cell.SessionID]bool{}}
}

// Made says that the history made an ephemeral.
func (e *Ephemerals) Made(name cell.Name, owner cell.SessionID) {
	if e.ended[owner] {
		e.court.Fail("C11", "%s was made for session %v, which has ended", name, owner)
	}
	e.owner[name] = owner
}

// Deleted says that the history deleted a node; asked: because a client's call wanted it.
func (e *Ephemerals) Deleted(name cell.Name, asked bool) {
	if owner, ok := e.owner[name]; ok && !asked && !e.ended[owner] {
		e.court.Fail("C11", "the cell deleted %s of session %v, which has not ended", name, owner)
	}
	delete(e.owner, name)
}

// Granted says that the history granted the lock of a node: an ephemeral's goes to its owner alone (C1).
func (e *Ephemerals) Granted(name cell.Name, to cell.SessionID) {
	if owner, ok := e.owner[name]; ok && owner != to {
		e.court.Fail("C1", "session %v was given the lock of %s, an ephemeral of session %v", to, name, owner)
	}
}

// SessionEnded says that the history marked a session as ended.
func (e *Ephemerals) SessionEnded(id cell.SessionID) { e.ended[id] = true }

// SessionGone says that the record of a session went.
func (e *Ephemerals) SessionGone(id cell.SessionID) {
	if left := e.of(func(o cell.SessionID) bool { return o == id }); len(left) > 0 {
		e.court.Fail("C11", "the record of session %v is gone, and its ephemerals are not: %v", id, left)
	}
}

// Left are the ephemerals of sessions that have ended.
func (e *Ephemerals) Left() []cell.Name {
	return e.of(func(o cell.SessionID) bool { return e.ended[o] })
}

func (e *Ephemerals) of(which func(cell.SessionID) bool) []cell.Name {
	var names []cell.Name
	for name, owner := range e.owner {
		if which(owner) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
