package check

import (
	"bytes"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Follower checks one subscription: the state it begins with is the one of that zxid, and every
// change after it is delivered, once, in the order of the history and with its own contents, or
// resync (C9).
type Follower struct {
	court  *Court
	client int
	feed   *Feed
	scope  Scope
	synced bool
	first  []call.Event // the state it begins with
	next   int          // in the feed: nothing in scope before it is still to come
}

// inOnePiece is how many nodes the master reads at once for certain: a larger first state is read while
// the tree changes, and what it shows is of no one zxid.
const inOnePiece = 100

// NewFollower has heard nothing.
func NewFollower(c *Court, client int, f *Feed, s Scope) *Follower {
	return &Follower{court: c, client: client, feed: f, scope: s}
}

// Event takes what the subscription delivers next; true says that it was a resync.
func (f *Follower) Event(e call.Event) bool {
	switch e.Kind {
	case call.EventResync:
		f.synced, f.first = false, nil
		return true
	case call.EventCurrent:
		if f.synced {
			f.fail(e, "its state was complete before")
		}
		f.first = append(f.first, e)
	case call.EventSynced:
		f.begins(e.Zxid)
	default:
		f.changed(e)
	}
	return false
}

// begins compares the first state with the history at z.
func (f *Follower) begins(z cell.Zxid) {
	f.synced, f.next = true, f.feed.after(z)
	if len(f.first) >= inOnePiece {
		return
	}
	var shown []cell.Name
	for _, e := range f.first {
		if is := f.feed.at(e.Name, z); is != nil {
			shown = append(shown, e.Name)
			if !sameContents(*is, e) {
				f.fail(e, "at %v it was %v of %d", z, is.Stat.ContentGeneration, is.Stat.Instance)
			}
		} else if !e.Name.IsRoot() {
			f.fail(e, "at %v it was not there", z)
		}
	}
	slices.Sort(shown)
	if there := f.feed.there(f.scope, z); !slices.Equal(there, shown) {
		f.court.Fail("C9", "client %d was shown %v below %s; at %v there were %v", f.client, shown, f.scope.Name, z, there)
	}
}

// changed compares a change with the next one of the history.
func (f *Follower) changed(e call.Event) {
	if !f.synced {
		f.fail(e, "its state was not complete")
		return
	}
	for ; f.next < len(f.feed.all); f.next++ {
		is := f.feed.all[f.next]
		if !f.scope.has(is.Name, is.Kind) {
			continue
		}
		if is.Kind != e.Kind || is.Name != e.Name || is.Zxid != e.Zxid || !sameContents(is, e) {
			f.fail(e, "next is that %s was %v at %v, generation %d", is.Name, is.Kind, is.Zxid, is.Stat.ContentGeneration)
		}
		f.next++
		return
	}
	f.fail(e, "there is no further change")
}

// Owes is the first change that is still to be delivered; ok is false when there is none.
func (f *Follower) Owes() (e call.Event, ok bool) {
	for at := f.next; f.synced && at < len(f.feed.all); at++ {
		if is := f.feed.all[at]; f.scope.has(is.Name, is.Kind) {
			return is, true
		}
	}
	return call.Event{}, false
}

// Answer takes that the session was answered from the tree as it was at z: in one session an event
// leaves before any newer data.
func (f *Follower) Answer(z cell.Zxid) {
	for at := f.next; f.synced && at < len(f.feed.all) && f.feed.all[at].Zxid <= z; at++ {
		if is := f.feed.all[at]; f.scope.has(is.Name, is.Kind) {
			f.court.Fail("C9", "client %d was answered as of %v before it was told that %s was %v at %v",
				f.client, z, is.Name, is.Kind, is.Zxid)
		}
	}
}

// Synced reports whether it has its first state.
func (f *Follower) Synced() bool { return f.synced }

func (f *Follower) fail(e call.Event, format string, args ...any) {
	f.court.Fail("C9", "client %d was told that %s was %v at %v, generation %d of %d; "+format, append([]any{f.client,
		e.Name, e.Kind, e.Zxid, e.Stat.ContentGeneration, e.Stat.Instance}, args...)...)
}

// sameContents reports whether two events tell of the same contents of the same instance. That the
// child list has changed has none.
func sameContents(a, b call.Event) bool {
	return a.Stat.Instance == b.Stat.Instance && a.Stat.ContentGeneration == b.Stat.ContentGeneration &&
		a.Stat.Checksum == b.Stat.Checksum && (a.Kind == call.EventChildren || bytes.Equal(a.Contents, b.Contents))
}
