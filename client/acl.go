package client

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Rights are what somebody may do to a node, and by which names.
type Rights struct {
	Name       string
	ACL        cell.ACL
	Generation uint64 // of the names
	Instance   uint64
	Principal  string
	May        cell.Rights
}

// SetACL gives a node other ACL names; "" leaves one as it is. An ACL is a node /ls/CELL/acl/NAME that
// lists principals (cell.ParsePrincipals says how), made and written like any other; everybody and admin
// need none. A name without a node lists nobody: then only administrators may. Nodes below keep the
// names that they have. IfGeneration is that of the names (Stat.ACLGeneration).
func (s *Session) SetACL(ctx context.Context, name string, acl cell.ACL, o ...WriteOption) (cell.Stat, error) {
	return s.setACL(ctx, name, via{}, acl, o)
}

// SetACL is Session.SetACL of the handle's instance; it needs ForACL.
func (h *Handle) SetACL(ctx context.Context, acl cell.ACL, o ...WriteOption) (cell.Stat, error) {
	v, err := h.may("set ACL", call.HandleACL, "ForACL")
	if err != nil {
		return cell.Stat{}, err
	}
	return h.s.setACL(ctx, h.name, v, acl, o)
}

func (s *Session) setACL(ctx context.Context, name string, v via, acl cell.ACL, o []WriteOption) (cell.Stat, error) {
	n, err := s.c.parse("set ACL", name)
	if err != nil {
		return cell.Stat{}, err
	}
	w := writeOf(o)
	if w.create != nil {
		err = fmt.Errorf("%w: OrCreate does not go with SetACL", cell.ErrUsage)
	}
	op := &call.SetACL{Name: n, Instance: v.instance, ACL: acl, IfGeneration: w.generation}
	if err == nil {
		op.IfHeld, err = v.proof(w.held)
	}
	if err != nil {
		return cell.Stat{}, opError("set ACL", name, NotApplied, err)
	}
	return s.changeVia(ctx, "set ACL", name, v, op)
}

// Rights says by which ACLs a node is read, written and given others, and what the principal may do to
// it. "" is this client, which needs any right to the node; to ask for another takes the right to change
// its ACL.
func (c *Client) Rights(ctx context.Context, name, principal string) (Rights, error) {
	n, err := c.parse("rights", name)
	if err != nil {
		return Rights{}, err
	}
	ask := &call.RightsAsk{Name: n, Principal: principal}
	if why := ask.Invalid(); why != "" {
		return Rights{}, opError("rights", name, NotApplied, fmt.Errorf("%w: %s", cell.ErrUsage, why))
	}
	reply, err := c.query(ctx, "rights", name, ask)
	if err != nil {
		return Rights{}, err
	}
	r := reply.Rights
	if r == nil {
		return Rights{}, opError("rights", name, NotApplied, fmt.Errorf("%w: an answer without rights", cell.ErrProtocol))
	}
	return Rights{Name: name, ACL: r.ACL, Generation: r.Generation, Instance: r.Instance, Principal: r.Principal,
		May: r.Rights}, nil
}
