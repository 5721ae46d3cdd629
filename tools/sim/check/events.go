package check

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Follower checks one subscription to one name: every change is delivered, once, in zxid order,
// or resync (C9). That none is missing shows in the generations: within an instance each
// modification counts one more.
type Follower struct {
	court  *Court
	client int
	name   string
	synced bool
	there  bool
	last   cell.Zxid
	stat   cell.Stat
}

// NewFollower has heard nothing.
func NewFollower(c *Court, client int, name string) *Follower {
	return &Follower{court: c, client: client, name: name}
}

// Event takes what the subscription delivers next; true says that it was a resync.
func (f *Follower) Event(e call.Event) bool {
	switch e.Kind {
	case call.EventResync:
		f.synced, f.there, f.last = false, false, 0
		return true
	case call.EventCurrent:
		f.there, f.stat = true, e.Stat
	case call.EventSynced:
		f.synced = true
	case call.EventCreated:
		f.changed(e, !f.there && e.Stat.ContentGeneration == 1)
		f.there, f.stat = true, e.Stat
	case call.EventModified:
		f.changed(e, f.there && e.Stat.Instance == f.stat.Instance &&
			e.Stat.ContentGeneration == f.stat.ContentGeneration+1 && e.Stat.Checksum == cell.Checksum(e.Contents))
		f.stat = e.Stat
	case call.EventDeleted:
		f.changed(e, f.there)
		f.there = false
	}
	return false
}

// changed checks that a change is the next one.
func (f *Follower) changed(e call.Event, fits bool) {
	switch {
	case !f.synced:
		f.court.Fail("C9", "client %d was told that %s was %v at %v before it was synced", f.client, f.name, e.Kind, e.Zxid)
	case e.Zxid <= f.last:
		f.court.Fail("C9", "client %d was told of %s at %v after %v", f.client, f.name, e.Zxid, f.last)
	case !fits:
		f.court.Fail("C9", "client %d was told that %s was %v at %v, generation %d of %d; it knew %v, generation %d of %d",
			f.client, f.name, e.Kind, e.Zxid, e.Stat.ContentGeneration, e.Stat.Instance,
			f.there, f.stat.ContentGeneration, f.stat.Instance)
	}
	f.last = e.Zxid
}
