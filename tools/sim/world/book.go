package world

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// book enters one transaction of the history in the checkers' own books: first what it was to
// prove, then all endings, then the grants (C2).
func (c *Cell) book(done tree.Applied) {
	if done.Replayed {
		return
	}
	c.bookTxn(done)
	c.bookRights(done.Mark.Zxid)
	c.bookPerish(done)
	c.bookGroup(done)
	c.bookVersions(done)
	if q := proofOf(done.Txn.Op); q != nil && done.Result.Code == 0 {
		c.proofs.Took(*q, done.Mark.Zxid)
	}
	if o, ok := done.Txn.Op.(*call.Release); ok && done.Result.Code == 0 {
		c.proofs.Released(o.Hold)
	}
	for _, h := range done.Taken {
		c.proofs.Taken(h.Key.Hold)
	}
	for _, id := range done.Ended {
		c.proofs.SessionEnded(id)
		c.ephemerals.SessionEnded(id)
	}
	for _, ch := range done.Changes {
		if ch.Kind == call.EventDeleted {
			c.proofs.NodeGone(ch.Name)
			c.ephemerals.Deleted(ch.Name, done.Txn.Session != 0)
		}
	}
	if done.Gone != 0 {
		c.ephemerals.SessionGone(done.Gone)
	}
	if o, ok := done.Txn.Op.(*call.Create); ok && done.Result.Code == 0 {
		switch {
		case o.Ephemeral:
			c.ephemerals.Made(done.Result.Stat.Name, done.Txn.Session)
		case o.Sequential && o.Name == string(queueName)+"/":
			c.queue.Numbered(done.Result.Stat.Name)
		}
	}
	if a := done.Result.Acquired; a != nil && a.Held {
		c.proofs.Granted(done.Txn.Session, a.Sequencer)
		c.ephemerals.Granted(a.Sequencer.Name, done.Txn.Session)
	}
	for _, g := range done.Grants {
		c.proofs.Granted(g.Session, g.State.Sequencer)
		c.ephemerals.Granted(g.State.Sequencer.Name, g.Session)
	}
}

func proofOf(op tree.Op) *cell.Sequencer {
	switch o := op.(type) {
	case *call.Create:
		return o.IfHeld
	case *call.Write:
		return o.IfHeld
	case *call.Delete:
		return o.IfHeld
	}
	return nil
}
