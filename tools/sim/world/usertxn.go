package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
)

// Pairs of nodes that are changed together only, below a node of their own each.
const (
	pairName  = "/ls/local/pairs/"
	mostPairs = 3
)

// together writes both nodes of a pair, or deletes them, in one transaction. Some are refused in
// the middle or at the end: nothing of them may be seen.
func (v *visit) together() {
	c := v.u.cell
	c.number++
	of := fmt.Sprintf("%s%d", pairName, c.loop.Below(mostPairs))
	left, right := cell.Name(of+"/left"), cell.Name(of+"/right")
	contents := fmt.Sprintf("t%d", c.number)
	m := &call.Txn{}
	switch d := c.loop.Below(10); {
	case d < 2:
		contents = ""
		m.Parts = []call.Part{&call.Delete{Name: right}, &call.Delete{Name: left}}
	case d < 4:
		m.Parts = []call.Part{&call.Create{Name: of + "/left", Contents: []byte(contents), Parents: true},
			&call.Create{Name: of + "/right", Contents: []byte(contents)}}
	default:
		m.Parts = []call.Part{
			&call.Write{Name: left, Contents: []byte(contents), OrCreate: true, Parents: true},
			&call.Write{Name: right, Contents: []byte(contents), OrCreate: true}}
	}
	if c.loop.Chance(300_000) {
		generation := uint64(c.loop.Below(4))
		m.Parts = slices.Insert(m.Parts, 1+c.loop.Below(2), call.Part(&call.Check{Name: left, IfGeneration: &generation}))
	}
	v.mutate(m, func(d session.Done) {
		switch {
		case contents == "":
		case d.Err == nil:
			c.txns.Done(contents, d.Result.Zxid)
		case d.Outcome == session.NotApplied:
			c.txns.Refused(contents)
		}
		if d.Result.Refused > 1 {
			c.counters.Halved++
		}
	})
}

// bookTxn enters what a transaction of the history did to the pairs.
func (c *Cell) bookTxn(done tree.Applied) {
	if _, ok := done.Txn.Op.(*call.Txn); ok && done.Result.Code == 0 {
		c.counters.Txns++
	}
	touched := ""
	for _, ch := range done.Changes {
		of, isPair := strings.CutPrefix(string(ch.Name), pairName)
		of, half, below := strings.Cut(of, "/")
		if !isPair || !below || ch.Kind == call.EventChildren {
			continue
		}
		touched = of
		which := 0
		if half == "right" {
			which = 1
		}
		c.txns.Changed(of, which, string(ch.Contents), done.Mark.Zxid)
	}
	if touched != "" {
		c.txns.Settled(touched)
	}
}
