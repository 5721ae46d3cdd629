package session

import (
	"maps"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Phase is how far a watch has come.
type Phase uint8

// The phases.
const (
	First  Phase = iota + 1 // the current state is being sent, up to After
	Behind                  // the changes after From are being sent
	Synced                  // every change is sent as it is applied
)

// Watch is one subscription of a session's stream.
type Watch struct {
	Session   cell.SessionID
	ID        uint64 // the session's own number
	Name      cell.Name
	Children  bool
	Recursive bool
	Locks     bool
	Principal string // whose it is

	Phase   Phase
	From    cell.Zxid    // Behind: what has been sent; First: when the walk began
	After   cell.Name    // First: the last name walked; "" before the first
	Pending []call.Event // First: changes of what was walked already
	Kept    int          // First: bytes of contents in Pending
	Queued  bool         // it stands in the queue for work
}

// Walked reports whether the walk of the current state has passed name: the watch's own name
// first, then names in their order.
func (w *Watch) Walked(name cell.Name) bool {
	return w.After != "" && (name == w.Name || name <= w.After)
}

// Matches reports whether the watch tells of changes of kind at name.
func (w *Watch) Matches(name cell.Name, kind call.EventKind) bool {
	if kind.OfLock() && !w.Locks {
		return false
	}
	if kind == call.EventChildren {
		return name == w.Name && !w.Children && !w.Recursive
	}
	if name == w.Name || (w.Recursive && w.Name.Covers(name)) {
		return true
	}
	parent, ok := name.Parent()
	return w.Children && ok && parent == w.Name
}

// Watches finds the watches that a change concerns.
type Watches struct {
	byName    map[cell.Name][]*Watch
	bySession map[cell.SessionID][]*Watch
	unsynced  map[cell.SessionID]int // how many have changes or state to be sent
}

// NewWatches is empty.
func NewWatches() *Watches {
	return &Watches{byName: map[cell.Name][]*Watch{}, bySession: map[cell.SessionID][]*Watch{},
		unsynced: map[cell.SessionID]int{}}
}

// Add takes up w; one with the same session and id is replaced.
func (ws *Watches) Add(w *Watch) {
	ws.Remove(w.Session, w.ID)
	ws.byName[w.Name] = append(ws.byName[w.Name], w)
	ws.bySession[w.Session] = append(ws.bySession[w.Session], w)
	if w.Phase != Synced {
		ws.unsynced[w.Session]++
	}
}

// Sync says that everything up to now has been sent for w.
func (ws *Watches) Sync(w *Watch) {
	if w.Phase != Synced && ws.Has(w) {
		ws.settled(w.Session)
	}
	w.Phase = Synced
}

// Unsync says that there is something to be sent for w again.
func (ws *Watches) Unsync(w *Watch) {
	if w.Phase == Synced && ws.Has(w) {
		ws.unsynced[w.Session]++
		w.Phase = Behind
	}
}

// Of are the watches of the principals for which of is true, by session and then in the order in which
// they began.
func (ws *Watches) Of(of func(principal string) bool) (all []*Watch) {
	for _, s := range slices.Sorted(maps.Keys(ws.bySession)) {
		if mine := ws.bySession[s]; of(mine[0].Principal) { // a session is one principal's
			all = append(all, mine...)
		}
	}
	return all
}

func (ws *Watches) settled(s cell.SessionID) {
	ws.unsynced[s]--
	cell.Assert(ws.unsynced[s] >= 0, "session %v has %d watches to be synced", s, ws.unsynced[s])
	if ws.unsynced[s] == 0 {
		delete(ws.unsynced, s)
	}
}

// Unsynced reports whether the session has a watch for which something is still to be sent.
func (ws *Watches) Unsynced(s cell.SessionID) bool { return len(ws.unsynced) > 0 && ws.unsynced[s] > 0 }

// Remove ends a watch and gives it; nil when there is none.
func (ws *Watches) Remove(s cell.SessionID, id uint64) *Watch {
	i := slices.IndexFunc(ws.bySession[s], func(w *Watch) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	w := ws.bySession[s][i]
	ws.bySession[s] = slices.Delete(ws.bySession[s], i, i+1)
	if len(ws.bySession[s]) == 0 {
		delete(ws.bySession, s)
	}
	if w.Phase != Synced {
		ws.settled(s)
	}
	ws.unlist(w)
	return w
}

// Drop ends all watches of a session and gives them.
func (ws *Watches) Drop(s cell.SessionID) []*Watch {
	all := ws.bySession[s]
	delete(ws.bySession, s)
	delete(ws.unsynced, s)
	for _, w := range all {
		ws.unlist(w)
	}
	return all
}

func (ws *Watches) unlist(w *Watch) {
	list := ws.byName[w.Name]
	i := slices.Index(list, w)
	cell.Assert(i >= 0, "watch %d of session %v is not listed under its name", w.ID, w.Session)
	if len(list) == 1 {
		delete(ws.byName, w.Name)
		return
	}
	ws.byName[w.Name] = slices.Delete(list, i, i+1)
}

// Count is how many watches a session has.
func (ws *Watches) Count(s cell.SessionID) int { return len(ws.bySession[s]) }

// Match appends to list the watches that a change of kind at name concerns: those at the name,
// then those above it, nearest first.
func (ws *Watches) Match(name cell.Name, kind call.EventKind, list []*Watch) []*Watch {
	if len(ws.byName) == 0 {
		return list
	}
	for at, ok := name, true; ok; at, ok = at.Parent() {
		for _, w := range ws.byName[at] {
			if w.Matches(name, kind) {
				list = append(list, w)
			}
		}
		if kind == call.EventChildren {
			break
		}
	}
	return list
}

// Has reports whether w is still listed.
func (ws *Watches) Has(w *Watch) bool { return slices.Contains(ws.bySession[w.Session], w) }
