package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

// perish names nodes as they are, or as they were: NAME=ZXID.
func (s *script) perish(t *testing.T, d *datadriven.TestData) *Perish {
	op := &Perish{}
	for _, a := range d.CmdArgs {
		p := Perished{Name: cell.Name(a.Key)}
		if stat, _, ok := s.w.a.Get(p.Name); ok {
			p.Instance, p.Zxid = stat.Instance, stat.Zxid
		}
		if len(a.Vals) > 0 {
			z, err := cell.ParseZxid(a.Vals[0])
			require.NoError(t, err)
			p.Zxid = z
		}
		op.Nodes = append(op.Nodes, p)
	}
	return op
}

func (s *script) perishables() string {
	var b strings.Builder
	for after, more := cell.Name(""), true; more; {
		names := s.w.a.Perishables(after, 2)
		for _, n := range names {
			p, _ := s.w.a.Perishable(n)
			fmt.Fprintf(&b, "%s %v ready %v\n", n, p.TTL, p.Ready)
			after = n
		}
		more = len(names) == 2
	}
	return b.String()
}
