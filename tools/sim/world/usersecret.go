package world

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// guest is the principal of one user in three; the others are anonymous, who administer the cell.
const guest = "guest"

const secrets = 2 // names that guests may read at times

func principalOf(n Node) string {
	if n%3 == 0 {
		return guest
	}
	return cell.Anonymous
}

func secretName(i int) cell.Name { return cell.Name(fmt.Sprintf("/ls/local/s%d", i)) }

// secret reads a secret, as a guest; others change who may, by the names of its ACLs and by what one of
// them lists.
func (v *visit) secret() {
	c := v.u.cell
	name := secretName(c.loop.Below(secrets))
	if principalOf(v.u.node) == guest {
		v.readSecret(name)
		return
	}
	const team = "/ls/local/acl/team"
	var op call.Op
	switch c.loop.Below(6) {
	case 0, 1:
		op = &call.SetACL{Name: name, ACL: cell.ACL{Read: "team"}}
	case 2:
		op = &call.SetACL{Name: name, ACL: cell.ACL{Read: cell.Everybody}}
	case 3:
		op = &call.Write{Name: team, Contents: []byte(guest), OrCreate: true, Parents: true}
	case 4:
		op = &call.Write{Name: team, Contents: []byte("# nobody"), OrCreate: true, Parents: true}
	default:
		op = &call.Write{Name: name, Contents: []byte("secret"), OrCreate: true}
	}
	v.mutate(op, func(d session.Done) {
		if d.Err == nil {
			for i := range secrets {
				c.rights.Told(secretName(i), d.Result.Zxid, int64(c.loop.Now()))
			}
		}
	})
}

// readSecret goes as read does.
func (v *visit) readSecret(name cell.Name) {
	c := v.u.cell
	begin := int64(c.loop.Now())
	v.busy++
	found, ok := v.cache.Look(name)
	v.pause(func() {
		if ok && (found.Absent || found.HasContents) && v.u.now() < found.Until {
			c.counters.Secrets++
			v.busy--
			c.rights.Answered(name, true, begin, int64(c.loop.Now()))
			return
		}
		v.last++
		ticket := v.cache.Ticket()
		v.asked[v.last] = func(d session.Done) {
			v.busy--
			switch {
			case errors.Is(d.Err, cell.ErrDenied) || d.Reply != nil && d.Reply.Code == cell.CodeOf(cell.ErrDenied):
				c.counters.Denied++
				c.rights.Answered(name, false, begin, int64(c.loop.Now()))
			case d.Err == nil && d.Reply != nil && d.Reply.Code == 0 && d.Reply.Node != nil:
				c.rights.Answered(name, true, begin, int64(c.loop.Now()))
				if d.Reply.Node.Cachable {
					v.fill(ticket, name, d.Reply.Node)
				}
			}
		}
		v.push(session.Ask{ID: v.last, Ask: &call.Read{Name: name, Cache: true}})
	})
}

// bookRights enters who may read the secrets now.
func (c *Cell) bookRights(z cell.Zxid) {
	for i := range secrets {
		name := secretName(i)
		may := c.reference.tree.Permit(guest, &call.Read{Name: name}) == nil
		c.rights.Applied(name, may, z, int64(c.loop.Now()))
	}
}
