package steps

import (
	"strings"

	"github.com/leasehold/leasehold/cell/call"
)

// crowd is the children of a folder, by name, with the zxid of their creation, as the events of a
// watch WithChildren tell them.
type crowd struct {
	folder string
	all    map[string]uint64
	synced bool
}

func newCrowd(folder string) *crowd { return &crowd{folder: folder, all: map[string]uint64{}} }

// note takes an event up.
func (c *crowd) note(e call.Event) {
	child, below := strings.CutPrefix(string(e.Name), c.folder+"/")
	switch {
	case e.Kind == call.EventResync:
		clear(c.all)
		c.synced = false
	case e.Kind == call.EventSynced:
		c.synced = true
	case !below:
	case e.Kind == call.EventCurrent, e.Kind == call.EventCreated:
		c.all[child] = e.Stat.Instance
	case e.Kind == call.EventDeleted:
		delete(c.all, child)
	}
}

// count is how many children have names that begin so; if before is not 0, of those that were made
// before it.
func (c *crowd) count(prefix string, before uint64) (n int) {
	// order does not matter: they are counted
	for child, made := range c.all {
		if strings.HasPrefix(child, prefix) && (before == 0 || made < before) {
			n++
		}
	}
	return n
}
