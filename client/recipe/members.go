package recipe

import (
	"context"
	"fmt"
	"iter"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Member is one member of a group.
type Member = steps.Member

// Change is what happened to a group. A member that left and joined again while nobody told us is
// in both Left and Joined.
type Change = steps.Change

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

// Watch tells who is in the group now, as joined, and then every change: no list is read again for
// it. It ends by break, or with a last pair whose error says why.
func (g *Members) Watch(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		err := steps.WatchGroup(port{ctx, g.s}, g.name, func(c Change) bool { return yield(c, nil) })
		if err != nil {
			yield(Change{}, err)
		}
	}
}
