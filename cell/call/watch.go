package call

import "github.com/leasehold/leasehold/cell"

// Watch asks for every change of a name from a zxid on; answered by a QueryReply with Code 0
// (or a refusal), then by Events. ID is the session's own number of the watch. From 0 asks for
// the current state first; else for the changes after From, or a resync (C9).
type Watch struct {
	ID        uint64
	Name      cell.Name
	Children  bool
	Recursive bool
	Locks     bool // of the lock too: EventLocked, EventUnlocked, EventConflict
	From      cell.Zxid
}

// Unwatch ends a watch.
type Unwatch struct{ ID uint64 }

// EventKind tells what happened.
type EventKind uint8

// The kinds of event. The numbers are part of the format. EventLocked: somebody has got the lock.
// EventUnlocked: nobody holds it any more. EventConflict: an acquire waits for a holder, or a hold
// has been taken.
const (
	EventCurrent  EventKind = 1
	EventSynced   EventKind = 2
	EventCreated  EventKind = 3
	EventModified EventKind = 4
	EventACL      EventKind = 5
	EventDeleted  EventKind = 6
	EventChildren EventKind = 7
	EventLocked   EventKind = 8
	EventUnlocked EventKind = 9
	EventConflict EventKind = 10
	EventResync   EventKind = 11
)

var eventWords = [...]string{"", "current", "synced", "created", "modified", "acl", "deleted",
	"children", "locked", "unlocked", "conflict", "resync"}

// String is the word in JSON and tables.
func (k EventKind) String() string {
	if int(k) < len(eventWords) {
		return eventWords[k]
	}
	return "unknown"
}

// OfLock reports whether the event tells of a name's lock, not of its node.
func (k EventKind) OfLock() bool { return k >= EventLocked && k <= EventConflict }

// Event is one change, with the contents of that change.
type Event struct {
	Kind     EventKind
	Name     cell.Name
	Zxid     cell.Zxid
	Stat     cell.Stat
	Contents []byte
}

// Events carries events of one watch, in zxid order.
type Events struct {
	Epoch  cell.Epoch
	Stream uint64
	Watch  uint64
	Events []Event
}
