package tree

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// ACLChange is what a transaction made of one ACL.
type ACLChange struct{ before, after cell.Principals }

// Concerns reports whether the principal is listed now and was not, or the other way round.
func (c *ACLChange) Concerns(principal string) bool {
	return c.before.Has(principal) != c.after.Has(principal)
}

// aclName is the name of the ACL that a node is, or "".
func (t *Tree) aclName(n cell.Name) string {
	if !t.aclDir.Covers(n) || len(n) == len(t.aclDir) {
		return ""
	}
	base := string(n)[len(t.aclDir)+1:]
	if slash(base) >= 0 {
		return ""
	}
	return base
}

// OfACLs reports whether a transaction that carries these names may change what an ACL lists: then
// every cache must be emptied (C6).
func (t *Tree) OfACLs(names []cell.Name) bool {
	for _, n := range names {
		if t.aclDir.Covers(n) {
			return true
		}
	}
	return false
}

// OfACL reports whether a change is one of what an ACL lists.
func (t *Tree) OfACL(c *Change) bool {
	return !c.Kind.OfLock() && c.Kind != call.EventChildren && c.Kind != call.EventACL && t.aclName(c.Name) != ""
}

// admitACL refuses contents that no ACL of that name can have; whatever is no ACL has any.
func (t *Tree) admitACL(n cell.Name, contents []byte) error {
	acl := t.aclName(n)
	if acl == "" {
		return nil
	}
	if acl == cell.Everybody {
		return fmt.Errorf("%w: the ACL %s is everybody, for good: make one of another name", cell.ErrUsage, acl)
	}
	p, err := cell.ParsePrincipals(contents)
	if err == nil && acl == cell.Administrators && p.None() {
		return fmt.Errorf("%w: %s would list nobody, and the cell would have no administrator", cell.ErrUsage, n)
	}
	return err
}

// keepACL enters what a node lists into the index, if it is an ACL.
func (t *Tree) keepACL(n *node) {
	if name := t.aclName(n.name); name != "" {
		p, err := cell.ParsePrincipals(n.contents)
		if err != nil {
			p = cell.Principals{} // only from before there were ACLs: it lists nobody
		}
		t.acls.Set(name, p)
	}
}

func (t *Tree) dropACL(n *node) {
	if name := t.aclName(n.name); name != "" {
		t.acls.Delete(name)
	}
}

// listed is what the ACL that a node is lists now, and whether it is one.
func (t *Tree) listed(n cell.Name) (cell.Principals, bool) {
	name := t.aclName(n)
	if name == "" {
		return cell.Principals{}, false
	}
	p, ok := t.acls.Get(name)
	if !ok && name == cell.Administrators {
		p = cell.OnlyPrincipal(t.FirstAdministrator())
	}
	return p, true
}

// listedAnew tells what became of an ACL that listed before.
func (t *Tree) listedAnew(a *Applied, n cell.Name, before cell.Principals) {
	if after, ok := t.listed(n); ok {
		a.ACLs = append(a.ACLs, ACLChange{before, after})
	}
}

func (t *Tree) decideSetACL(o *call.SetACL) (decision, error) {
	if err := t.proved(o.IfHeld); err != nil {
		return decision{}, err
	}
	n := t.node(o.Name)
	if err := matches(n, o.Name, o.Instance, nil, false); err != nil {
		return decision{}, err
	}
	if is := n.extras().aclGeneration; o.IfGeneration != nil && *o.IfGeneration != is {
		return decision{}, fmt.Errorf("%w: the ACL of %s is in generation %d, not %d", cell.ErrGeneration, o.Name, is,
			*o.IfGeneration)
	}
	return decision{target: o.Name, names: []cell.Name{o.Name}}, nil
}

func (t *Tree) setACL(a *Applied, o *call.SetACL) cell.Stat {
	was := t.aclOf(t.node(o.Name))
	next := was.With(o.ACL)
	n := t.ownNode(o.Name)
	x := n.edit()
	t.name(x, &next)
	x.aclGeneration++
	n.zxid = t.mark.Zxid
	t.keepNode(n)
	t.change(a, call.EventACL, n, nil)
	a.Changes[len(a.Changes)-1].Was = was
	return n.stat()
}

// name gives a node ACL names of its own. They are shared, and immutable.
func (t *Tree) name(x *extra, a *cell.ACL) {
	if x.acl == nil {
		t.named++
	}
	x.acl = a
}

// inherit gives a node that is being made the names of its parent. The directory of the ACLs has its
// own, whatever the root's are.
func (t *Tree) inherit(n *node, from cell.Name) {
	p := t.node(from)
	if p.extra != nil && p.extra.acl != nil && n.name != t.aclDir {
		n.edit().acl = p.extra.acl
	}
}

// ReadRights answers a RightsAsk of a principal.
func (t *Tree) ReadRights(principal string, a *call.RightsAsk) (*call.RightsReply, error) {
	n := t.node(a.Name)
	if err := matches(n, a.Name, a.Instance, nil, false); err != nil {
		return nil, err
	}
	of := a.Principal
	if of == "" {
		of = principal
	}
	return &call.RightsReply{ACL: *t.aclOf(n), Generation: n.extras().aclGeneration, Instance: n.instance,
		Principal: of, Rights: t.rightsTo(of, n)}, nil
}
