package master

import (
	"testing"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// bench is a born master with one session that has written /ls/x/a.
func bench(b *testing.B) (m *Master, tr *tree.Tree, index uint64, out *Out, at Moment) {
	tr = tree.New(tree.Options{HistoryCount: 1000, HistoryBytes: 1 << 20})
	out, at = &Out{}, Moment{Now: 1, Lease: lease.Instant(lease.Second)}
	m = New(1, Config{Epoch: 1, Tree: tr, Birth: &tree.Birth{Cell: "x", Lengths: cell.DefaultLengths(),
		Limits: cell.DefaultLimits(), Format: 1, Members: cell.Members{{ID: 1}}}}, out)
	in := []Input{}
	for _, msg := range []call.Message{nil, &call.CreateSession{Key: cell.SessionKey{1}},
		&call.Call{Epoch: 1, Number: 1, Op: create("/ls/x/a")}} {
		if msg != nil {
			in = []Input{Message{Stream: 1, Msg: msg}}
		}
		m.Step(at, in, out)
		in = commitAll(tr, &index, out)
		m.Step(at, in, out)
		out.Reset()
	}
	return m, tr, index, out, at
}

func commitAll(tr *tree.Tree, index *uint64, out *Out) (in []Input) {
	for _, p := range out.Proposals {
		*index++
		in = append(in, Applied{tr.Apply(record.Make(*index, cell.MakeZxid(1, uint32(*index)), p.Kind, p.Payload))})
	}
	out.Proposals = out.Proposals[:0]
	return in
}

// BenchmarkWrite is a write of 1 KiB from the gate to its reply, Apply included.
func BenchmarkWrite(b *testing.B) {
	m, tr, index, out, at := bench(b)
	value := make([]byte, 1024)
	b.ReportAllocs()
	for i := range b.N {
		m.Step(at, []Input{Message{Stream: 1, Msg: &call.Call{Epoch: 1, Number: uint64(i + 2), Acked: uint64(i + 1),
			Op: &call.Write{Name: "/ls/x/a", Contents: value}}}}, out)
		m.Step(at, commitAll(tr, &index, out), out)
		out.Reset()
	}
}

// BenchmarkRead is an uncached read at the master.
func BenchmarkRead(b *testing.B) {
	m, _, _, out, at := bench(b)
	b.ReportAllocs()
	for i := range b.N {
		ask := &call.Query{Epoch: 1, Number: uint64(i), Ask: &call.Read{Name: "/ls/x/a"}}
		m.Step(at, []Input{Message{Stream: 1, Msg: ask}}, out)
		out.Reset()
	}
}
