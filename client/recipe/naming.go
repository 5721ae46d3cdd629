package recipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Naming gives out numbers that nobody else gets, and knows services by name.
//
// An id costs one commit for each block of them; a look-up is served from the session's consistent
// cache.
type Naming struct {
	s    *client.Session
	name string

	turn    chan struct{} // has room for one: who is in it has the block
	numbers steps.Numbers
}

// NewNaming speaks of the names and numbers kept below name. It touches no network.
func NewNaming(s *client.Session, name string) *Naming {
	return &Naming{s: s, name: name, turn: make(chan struct{}, 1), numbers: steps.Numbers{Name: name + "/last"}}
}

// ID gives a number, from 1, that nobody else gets or got. What one Naming gives grows. Blocks of
// that many are fetched at a time: with 1 the numbers grow in the order in which they are given
// over the whole cell, with more a dead or closed session leaves a gap.
func (n *Naming) ID(ctx context.Context, block int) (uint64, error) {
	if block < 1 {
		return 0, fmt.Errorf("%w: a block of %d ids", cell.ErrUsage, block)
	}
	select {
	case n.turn <- struct{}{}:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	defer func() { <-n.turn }()
	return n.numbers.Next(port{ctx, n.s}, uint64(block))
}

func (n *Naming) service(service string) string { return n.name + "/services/" + service }

// Register makes the session serve under that name, as one of any number; data tells where. It ends
// with Leave, or with the session. ErrExists while another has the id.
func (n *Naming) Register(ctx context.Context, service, id string, data []byte) (*Membership, error) {
	return NewMembers(n.s, n.service(service)).Join(ctx, id, data)
}

// Service watches who serves under a name.
func (n *Naming) Service(service string) *Members { return NewMembers(n.s, n.service(service)) }

// Lookup gives who serves under a name, sorted by ID; nobody is no error. Registrations that end
// while it reads are left out.
func (n *Naming) Lookup(ctx context.Context, service string) ([]Member, error) {
	stats, err := n.s.List(ctx, n.service(service))
	if errors.Is(err, cell.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Member
	for _, st := range stats {
		f, err := n.s.Read(ctx, string(st.Name))
		if errors.Is(err, cell.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Member{ID: st.Name.Base(), Data: f.Contents, Session: f.Stat.EphemeralOwner,
			Joined: f.Stat.Instance})
	}
	return all, nil
}
