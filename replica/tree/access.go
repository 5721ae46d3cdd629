package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// The ACL names of a node that was given none: what everybody may do in a new cell, and the same but
// for the directory of the ACLs, which is the administrators'.
var (
	openACL    = cell.ACL{Read: cell.Everybody, Write: cell.Everybody, Change: cell.Administrators}
	guardedACL = cell.ACL{Read: cell.Everybody, Write: cell.Administrators, Change: cell.Administrators}
)

// Permit is the one decision about who may do what: nil, or ErrDenied when the principal lacks a right
// that what is asked takes, as the tree now stands. The refusal is the same whether there is a node of
// that name or not. ErrWrongCell of a name in another cell.
func (t *Tree) Permit(principal string, asked any) error {
	for _, n := range needsOf(asked) {
		if n.rights == 0 {
			return nil
		}
		if err := t.grants(principal, n); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tree) grants(principal string, n need) error {
	if n.rights == cell.MayAdminister {
		if !t.Administers(principal) {
			return fmt.Errorf("%w: that is for administrators, and %s is none", cell.ErrDenied, principal)
		}
		return nil
	}
	if err := t.inCell(n.name); err != nil {
		return err
	}
	if t.named == 0 && n.rights&known != 0 && !t.aclDir.Covers(n.name) {
		return nil // no node has ACL names of its own: everybody may
	}
	at, rights := t.node(n.name), n.rights
	if at == nil {
		at, rights = t.node(t.Deepest(n.name)), n.absent
		if rights == cell.MayWrite && at.name.IsRoot() && t.aclDir.Covers(n.name) {
			rights = cell.MayAdminister // no right to the root makes the directory of the ACLs
		}
	}
	if t.has(principal, t.aclOf(at), rights) {
		return nil
	}
	return fmt.Errorf("%w: %s has no right to %s %s", cell.ErrDenied, principal, verb(n.rights), n.name)
}

func verb(r cell.Rights) string {
	switch r {
	case cell.MayRead:
		return "read"
	case cell.MayWrite:
		return "write"
	case cell.MayChange:
		return "change the ACL of"
	}
	return "see"
}

// aclOf are the ACL names of a node. They are not to be changed.
func (t *Tree) aclOf(n *node) *cell.ACL {
	switch {
	case n.extra != nil && n.extra.acl != nil:
		return n.extra.acl
	case t.aclDir.Covers(n.name):
		return &guardedACL
	}
	return &openACL
}

// has reports whether the principal has any of the rights under these names.
func (t *Tree) has(principal string, a *cell.ACL, rights cell.Rights) bool {
	return rights&cell.MayRead != 0 && t.lists(a.Read, principal) ||
		rights&cell.MayWrite != 0 && t.lists(a.Write, principal) ||
		rights&cell.MayChange != 0 && t.lists(a.Change, principal) ||
		t.Administers(principal)
}

// lists reports whether an ACL lists the principal. One that has no node lists nobody.
func (t *Tree) lists(name, principal string) bool {
	if name == cell.Everybody {
		return true
	}
	p, _ := t.acls.Get(name)
	return p.Has(principal)
}

// Administers reports whether the principal is an administrator.
func (t *Tree) Administers(principal string) bool {
	if p, ok := t.acls.Get(cell.Administrators); ok {
		return p.Has(principal)
	}
	return principal == t.FirstAdministrator()
}

// FirstAdministrator is who administers the cell as long as it has no ACL for that.
func (f *facts) FirstAdministrator() string {
	if f.admin == "" {
		return cell.Anonymous
	}
	return f.admin
}

// Reads reports whether the principal may read the node of that name, which is false for one that is
// not there.
func (t *Tree) Reads(principal string, name cell.Name) bool {
	return t.may(principal, name, cell.MayRead)
}

// may reports whether the principal has any of the rights to a node that is there.
func (t *Tree) may(principal string, name cell.Name, rights cell.Rights) bool {
	if t.named == 0 && rights&known != 0 && !t.aclDir.Covers(name) {
		return true
	}
	n := t.node(name)
	return n != nil && t.has(principal, t.aclOf(n), rights)
}

// Sees reports whether a change may be told to the principal: under the names that its node had then,
// and has now, and by what the ACLs list now. before is the same of the names that it had before the
// change, which only EventACL changes.
func (t *Tree) Sees(principal string, c *Change) (now, before bool) {
	if c.ACL == nil && t.named == 0 {
		return true, true
	}
	then := c.ACL
	if then == nil {
		then = &openACL
	}
	now = t.has(principal, then, cell.MayRead)
	before = now
	if c.Was != nil {
		before = t.has(principal, c.Was, cell.MayRead)
	}
	if n := t.node(c.Name); now && n != nil && n.instance == c.Stat.Instance {
		now = t.has(principal, t.aclOf(n), cell.MayRead)
	}
	return now, before
}

// rightsTo says what the principal may do to a node, which must be there.
func (t *Tree) rightsTo(principal string, n *node) (all cell.Rights) {
	a := t.aclOf(n)
	for _, r := range []cell.Rights{cell.MayRead, cell.MayWrite, cell.MayChange} {
		if t.has(principal, a, r) {
			all |= r
		}
	}
	if t.Administers(principal) {
		all |= cell.MayAdminister
	}
	return all
}
