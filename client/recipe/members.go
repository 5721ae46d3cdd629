package recipe

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Member is one member of a group.
type Member struct {
	ID      string // a component of a name
	Data    []byte
	Session cell.SessionID
	Joined  uint64 // zxid of the joining: a member that left and joined again has another
}

// Members is a group of those who are alive: an ephemeral node each, below one name.
//
// Joining and leaving cost a commit each, a watcher one message for each change. Who dies has left
// when the lease of its session has run out.
type Members struct {
	s    *client.Session
	name string
}

// NewMembers speaks of the group below name. It touches no network.
func NewMembers(s *client.Session, name string) *Members { return &Members{s, name} }

// Membership is one's own part in a group. It ends with Leave, and with the session.
type Membership struct {
	node *client.Handle
}

// Join makes the session a member. ErrExists while another has the id: also who died with it, until
// its lease has run out.
func (g *Members) Join(ctx context.Context, id string, data []byte) (*Membership, error) {
	name, err := g.member(id)
	if err != nil {
		return nil, err
	}
	node, err := own(ctx, g.s, name, data, cell.Sequencer{})
	if err != nil {
		return nil, err
	}
	return &Membership{node}, nil
}

// Rejoin is Join that waits while another has the id: a program that was restarted waits for the
// end of its former life.
func (g *Members) Rejoin(ctx context.Context, id string, data []byte) (*Membership, error) {
	name, err := g.member(id)
	if err != nil {
		return nil, err
	}
	node, err := handle(steps.OwnWhenFree(port{ctx, g.s}, name, data))
	if err != nil {
		return nil, err
	}
	return &Membership{node}, nil
}

func (g *Members) member(id string) (string, error) {
	if !component(id) {
		return "", fmt.Errorf("%w: the id %q is no component of a name", cell.ErrBadName, id)
	}
	return g.name + "/" + id, nil
}

// Update replaces the member's data. ErrStaleHandle when it is no longer a member.
func (m *Membership) Update(ctx context.Context, data []byte) error {
	_, err := m.node.Write(ctx, data)
	return err
}

// Leave ends the membership.
func (m *Membership) Leave(ctx context.Context) error { return m.node.Delete(ctx) }

// Change is what happened to a group. A member that left and joined again while nobody told us is
// in both Left and Joined.
type Change struct {
	Joined, Left, Updated []Member
	All                   []Member // sorted by ID, as of now; the caller's own
}

// Watch tells who is in the group now, as joined, and then every change: no list is read again for
// it. It ends by break, or with a last pair whose error says why.
func (g *Members) Watch(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		w := roll{}
		for e, err := range g.s.Watch(ctx, g.name, client.WithChildren()) {
			if err != nil {
				yield(Change{}, err)
				return
			}
			if c, ok := w.note(g.name, e); ok && !yield(c, nil) {
				return
			}
		}
	}
}

// roll is the group as the events have told it, and as the reader has been told.
type roll struct {
	now, told []Member // sorted by ID
	synced    bool
}

// note takes an event up, and gives what there is to tell.
func (r *roll) note(group string, e client.Event) (Change, bool) {
	id, below := strings.CutPrefix(e.Name, group+"/")
	switch {
	case e.Kind == client.EventResync:
		r.now, r.synced = nil, false
	case e.Kind == client.EventSynced:
		first := !r.synced && r.told == nil
		r.synced = true
		return r.change(first)
	case !below:
		return Change{}, false
	case e.Kind == client.EventDeleted:
		r.remove(id)
	case e.Kind == client.EventCurrent, e.Kind == client.EventCreated, e.Kind == client.EventModified:
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
