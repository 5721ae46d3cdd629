package check

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// Durable is what a machine's disk would still know after a power cut at this instant.
type Durable struct {
	Hard record.HardState
	Last record.Mark
}

// Said checks that nothing leaves a machine that its disk does not know yet (Z1, Z2, Z4): what a
// peer counts on must outlive a power cut of the sender.
func (c *Court) Said(machine int, m zab.Message, d Durable) {
	switch m := m.(type) {
	case *zab.Hello:
		c.epochs("Z2", machine, m, m.Current, d.Hard.CurrentEpoch)
		c.marks("Z2", machine, m, m.Last.Index, d.Last.Index)
	case *zab.Status:
		c.marks("Z2", machine, m, m.Last.Index, d.Last.Index)
	case *zab.NewEpoch:
		c.epochs("Z4", machine, m, m.Epoch, d.Hard.AcceptedEpoch)
	case *zab.AckEpoch:
		c.epochs("Z4", machine, m, m.Epoch, d.Hard.AcceptedEpoch)
		c.marks("Z2", machine, m, m.Last.Index, d.Last.Index)
	case *zab.AckNewLeader:
		c.epochs("Z1", machine, m, m.Epoch, d.Hard.CurrentEpoch)
		c.marks("Z1", machine, m, m.Last.Index, d.Last.Index)
	case *zab.Ack:
		c.epochs("Z6", machine, m, m.Epoch, d.Hard.CurrentEpoch)
		c.marks("Z1", machine, m, m.Index, d.Last.Index)
	case *zab.SnapshotDurable:
		c.marks("Z7", machine, m, m.Mark.Index, d.Last.Index)
	}
}

func (c *Court) epochs(rule string, machine int, m zab.Message, said, durable cell.Epoch) {
	if said > durable {
		c.Fail(rule, "machine %d says %T%+v, and its disk knows epoch %d", machine, m, m, durable)
	}
}

func (c *Court) marks(rule string, machine int, m zab.Message, said, durable uint64) {
	if said > durable {
		c.Fail(rule, "machine %d says %T%+v, and its disk ends at %d", machine, m, m, durable)
	}
}
