package cache

import (
	"container/list"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// Child is one line of a cached child list; a list keeps no more than that.
type Child struct {
	Name     cell.Name
	Instance uint64
}

// Found is what a Look gives: what is cached of one name, and until when it may be served. The
// caller compares Until with a clock that it reads after the Look. Contents and Children are
// shared and immutable: the caller copies what it hands on.
type Found struct {
	Until       lease.Instant
	Incarnation uint64
	Absent      bool

	HasStat     bool
	Stat        cell.Stat
	HasContents bool
	Contents    []byte
	HasChildren bool
	Children    []Child       // sorted by name; complete
	Generation  uint64        // the children generation of that list
	Instance    uint64        // of the node; 0 of an absence
	Handles     []call.Handle // of that instance, one of a mode
}

// Handle is the handle of that mode, if the session has opened one.
func (f *Found) Handle(mode call.HandleMode) (call.Handle, bool) {
	for _, h := range f.Handles {
		if h.Mode == mode {
			return h, true
		}
	}
	return call.Handle{}, false
}

type entry struct {
	name     cell.Name
	life     uint64    // of the cache in which it was filled, or came back: another is set aside
	found    Found     // Until and Incarnation unused: they are the cache's
	ancestor cell.Name // on which an absence rests, else ""
	cost     int
	place    *list.Element
}

func (e *entry) weigh() int {
	return entryCost + 2*len(e.name) + len(e.found.Contents) + e.childBytes() + handleCost*len(e.found.Handles)
}

func (e *entry) childBytes() int {
	n := 0
	for _, c := range e.found.Children {
		n += childCost + len(c.Name)
	}
	return n
}
