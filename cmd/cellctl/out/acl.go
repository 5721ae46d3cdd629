package out

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
)

type aclJSON struct {
	Name       string `json:"name"`
	Read       string `json:"read"`
	Write      string `json:"write"`
	Change     string `json:"change"`
	Generation string `json:"acl_generation"`
}

type rightsJSON struct {
	Name      string `json:"name"`
	Principal string `json:"principal"`
	Read      bool   `json:"read"`
	Write     bool   `json:"write"`
	Change    bool   `json:"change"`
	Admin     bool   `json:"admin"`
}

// ACL prints by which ACLs a node is read, written and given others.
func (p Printer) ACL(r client.Rights) error {
	j := aclJSON{r.Name, r.ACL.Read, r.ACL.Write, r.ACL.Change, digits(r.Generation)}
	return p.one(j, rows{{"name:", plain(r.Name)}, {"read:", plain(r.ACL.Read)}, {"write:", plain(r.ACL.Write)},
		{"change:", plain(r.ACL.Change)}, {"acl generation:", j.Generation}}, "")
}

// Rights prints what somebody may do to a node.
func (p Printer) Rights(r client.Rights) error {
	has := func(x cell.Rights) bool { return r.May&x != 0 }
	j := rightsJSON{r.Name, r.Principal, has(cell.MayRead), has(cell.MayWrite), has(cell.MayChange),
		has(cell.MayAdminister)}
	return p.one(j, rows{{"name:", plain(r.Name)}, {"principal:", plain(r.Principal)}, {"may:", r.May.String()}}, "")
}

// ACLSet prints a node that was given other ACLs: the new generation of these.
func (p Printer) ACLSet(s cell.Stat) error {
	return p.one(statOf(s), rows{{digits(s.ACLGeneration)}}, "")
}
