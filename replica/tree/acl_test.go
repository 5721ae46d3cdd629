package tree

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// setACL reads "set-acl SESSION NAME [read= write= change= gen= if-held=]".
func (s *script) setACL(t *testing.T, d *datadriven.TestData) call.Op {
	o := &call.SetACL{Name: cell.Name(d.CmdArgs[1].Key), ACL: aclNames(d)}
	if d.HasArg("gen") {
		g := uint64(number(t, d, "gen", 0))
		o.IfGeneration = &g
	}
	if h, ok := s.holds[text(d, "", "if-held")]; ok {
		o.IfHeld = &h.Sequencer
	}
	return o
}

// aclNames are those that a command gives.
func aclNames(d *datadriven.TestData) cell.ACL {
	return cell.ACL{Read: text(d, "", "read"), Write: text(d, "", "write"), Change: text(d, "", "change")}
}

// What a decision costs: nothing is looked up as long as no node has ACL names of its own; else a node
// and an entry in a list.
func BenchmarkPermit(b *testing.B) {
	t, s := filled(b, 100_000, 100)
	op := &call.Write{Name: "/ls/local/dir050/node-00050500"}
	decide := func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if t.Permit("ann", op) != nil {
				b.Fatal("denied")
			}
		}
	}
	b.Run("default", decide)
	last := t.session(s).lastCall
	for i, o := range []call.Op{&call.Create{Name: "/ls/local/acl"},
		&call.Create{Name: "/ls/local/acl/team", Contents: []byte("ann\nbea\n")},
		&call.SetACL{Name: op.Name, ACL: cell.ACL{Read: "team", Write: "team"}}} {
		tx := Txn{Session: s, Call: last + uint64(i) + 1, Acked: last, Principal: cell.Anonymous, Op: o}
		tx.Names, _ = t.Plan(tx)
		at := t.Mark().Index + 1
		if got := t.Apply(record.Make(at, cell.Zxid(at), tx.Kind(), Encode(tx))); got.Result.Code != 0 {
			b.Fatal(got.Result.Message)
		}
	}
	b.Run("named", decide)
}
