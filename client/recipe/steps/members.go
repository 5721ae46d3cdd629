package steps

import (
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Member is one member of a group.
type Member struct {
	ID      string // a component of a name
	Data    []byte
	Session cell.SessionID
	Joined  uint64 // zxid of the joining: a member that left and joined again has another
}

// Change is what happened to a group. A member that left and joined again while nobody told us is
// in both Left and Joined.
type Change struct {
	Joined, Left, Updated []Member
	All                   []Member // sorted by ID, as of now; the caller's own
}

// WatchGroup tells who is in the group now, as joined, and then every change, until tell wants no more.
func WatchGroup(p Port, group string, tell func(Change) bool) error {
	feed := p.Watch(group, WithChildren)
	defer feed.Stop()
	for r := (roll{}); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		if c, ok := r.note(group, e); ok && !tell(c) {
			return nil
		}
	}
}

// roll is the group as the events have told it, and as the reader has been told.
type roll struct {
	now, told []Member // sorted by ID
	synced    bool
}

// note takes an event up, and gives what there is to tell.
func (r *roll) note(group string, e call.Event) (Change, bool) {
	id, below := strings.CutPrefix(string(e.Name), group+"/")
	switch {
	case e.Kind == call.EventResync:
		r.now, r.synced = nil, false
	case e.Kind == call.EventSynced:
		first := !r.synced && r.told == nil
		r.synced = true
		return r.change(first)
	case !below:
		return Change{}, false
	case e.Kind == call.EventDeleted:
		r.remove(id)
	case e.Kind == call.EventCurrent, e.Kind == call.EventCreated, e.Kind == call.EventModified:
		r.remove(id)
		r.add(Member{ID: id, Data: e.Contents, Session: e.Stat.EphemeralOwner, Joined: e.Stat.Instance})
	default:
		return Change{}, false
	}
	return r.change(false)
}
func (r *roll) find(id string) (int, bool) {
	return slices.BinarySearchFunc(r.now, id, func(m Member, id string) int { return strings.Compare(m.ID, id) })
}

func (r *roll) remove(id string) {
	if i, ok := r.find(id); ok {
		r.now = slices.Delete(r.now, i, i+1)
	}
}

func (r *roll) add(m Member) {
	i, _ := r.find(m.ID)
	r.now = slices.Insert(r.now, i, m)
}

// change compares what is with what was told. The first picture is told when it is whole, also if
// it is empty; after a resync nothing is told before it is whole again.
func (r *roll) change(empty bool) (Change, bool) {
	if !r.synced {
		return Change{}, false
	}
	c := compare(r.told, r.now)
	r.told = slices.Clone(r.now)
	c.All = slices.Clone(r.now)
	return c, empty || len(c.Joined)+len(c.Left)+len(c.Updated) > 0
}

// compare walks two lists that are sorted by ID.
func compare(was, is []Member) (c Change) {
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && was[0].ID < is[0].ID:
			c.Left, was = append(c.Left, was[0]), was[1:]
		case len(was) == 0 || is[0].ID < was[0].ID:
			c.Joined, is = append(c.Joined, is[0]), is[1:]
		default:
			switch {
			case was[0].Joined != is[0].Joined:
				c.Left, c.Joined = append(c.Left, was[0]), append(c.Joined, is[0])
			case string(was[0].Data) != string(is[0].Data):
				c.Updated = append(c.Updated, is[0])
			}
			was, is = was[1:], is[1:]
		}
	}
	return c
}
