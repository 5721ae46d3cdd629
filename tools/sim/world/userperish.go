package world

import (
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// Where the nodes are that go by themselves, and how many of each kind.
const (
	perishName = "/ls/local/perish/"
	mostPerish = 3
)

// perishing makes a container or a node with a time-to-live, writes it, gives it a child or takes
// that away.
func (v *visit) perishing() {
	c := v.u.cell
	op := call.Op(nil)
	number := c.loop.Below(2 * mostPerish)
	name := fmt.Sprintf("%s%d", perishName, number)
	lasting := call.Lasting{Container: true}
	if number >= mostPerish {
		lasting = call.Lasting{TTL: int64(c.loop.Skewed(100*Millisecond, 5*Second))}
	}
	switch d := c.loop.Below(10); {
	case d < 3:
		op = &call.Create{Name: name, Parents: true, Lasting: lasting}
	case d < 5:
		op = &call.Create{Name: name + "/kid"}
	case d < 8:
		op = &call.Delete{Name: cell.Name(name + "/kid")}
	default:
		op = &call.Write{Name: cell.Name(name), OrCreate: true, Parents: true, Lasting: lasting}
	}
	v.mutate(op, func(session.Done) {})
}

// bookPerish enters what a transaction of the history did to them.
func (c *Cell) bookPerish(done tree.Applied) {
	now := int64(c.loop.Now())
	for _, ch := range done.Changes {
		if !strings.HasPrefix(string(ch.Name), perishName) {
			continue
		}
		parent, _ := ch.Name.Parent()
		switch ch.Kind {
		case call.EventCreated:
			c.perish.Child(parent, 1)
			if ch.Stat.Container || ch.Stat.TTL > 0 {
				c.perish.Made(ch.Name, int64(ch.Stat.TTL), now)
			}
		case call.EventModified:
			c.perish.Changed(ch.Name, now)
		case call.EventDeleted:
			c.perish.Child(parent, -1)
			c.perish.Deleted(ch.Name, done.Txn.Session != 0, now)
			if done.Txn.Session == 0 {
				c.counters.Perished++
			}
		}
	}
}
