package tree

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// setACL reads "set-acl SESSION NAME [read= write= change= gen= if-held=]".
func (s *script) setACL(t *testing.T, d *datadriven.TestData) call.Op {
	o := &call.SetACL{Name: cell.Name(d.CmdArgs[1].Key),
		ACL: cell.ACL{Read: text(d, "", "read"), Write: text(d, "", "write"), Change: text(d, "", "change")}}
	if d.HasArg("gen") {
		g := uint64(number(t, d, "gen", 0))
		o.IfGeneration = &g
	}
	if h, ok := s.holds[text(d, "", "if-held")]; ok {
		o.IfHeld = &h.Sequencer
	}
	return o
}
