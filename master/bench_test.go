package master

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// bench is a born master with one session that has written /ls/x/a.
func bench() (m *Master, tr *tree.Tree, index uint64, out *Out, at Moment) {
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
		in = append(in, &Applied{tr.Apply(record.Make(*index, cell.MakeZxid(1, uint32(*index)), p.Kind, p.Payload))})
	}
	out.Proposals = out.Proposals[:0]
	return in
}

// writes gives a write of 1 KiB from the gate to its reply, Apply included.
func writes() func() {
	m, tr, index, out, at := bench()
	value, number := make([]byte, 1024), uint64(1)
	return func() {
		number++
		m.Step(at, []Input{Message{Stream: 1, Msg: &call.Call{Epoch: 1, Number: number, Acked: number - 1,
			Op: &call.Write{Name: "/ls/x/a", Contents: value}}}}, out)
		m.Step(at, commitAll(tr, &index, out), out)
		out.Reset()
	}
}

// reads gives an uncached read at the master.
func reads() func() {
	m, _, _, out, at := bench()
	number := uint64(0)
	return func() {
		number++
		ask := &call.Query{Epoch: 1, Number: number, Ask: &call.Read{Name: "/ls/x/a"}}
		m.Step(at, []Input{Message{Stream: 1, Msg: ask}}, out)
		out.Reset()
	}
}

// ticks gives what keeps an idle session alive: a KeepAlive that is parked, and answered when its time has come.
func ticks(t testing.TB) func() {
	m, _, _, out, at := bench()
	number := uint64(0)
	return func() {
		number++
		m.Step(at, []Input{Message{Stream: 1, Msg: &call.KeepAlive{Number: number, Epoch: 1, Stream: 1, Acked: 1}}}, out)
		for tries := 0; len(out.Sends) == 0; tries++ {
			if tries == 10 {
				t.Fatal("not answered")
			}
			at.Now = max(at.Now, out.WakeAt)
			at.Lease = at.Now.Add(lease.Second)
			out.Reset()
			m.Step(at, nil, out)
		}
		if _, ok := out.Sends[0].Msg.(*call.KeepAliveReply); !ok {
			t.Fatalf("answered by %T", out.Sends[0].Msg)
		}
		out.Reset()
	}
}

func BenchmarkWrite(b *testing.B) { run(b, writes()) }
func BenchmarkRead(b *testing.B)  { run(b, reads()) }

func BenchmarkSessionTick(b *testing.B) { run(b, ticks(b)) }

func run(b *testing.B, once func()) {
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// What the hot path takes from the heap does not jitter: more than this is a change to be seen.
func TestAllocationsStayInBounds(t *testing.T) {
	require.LessOrEqual(t, testing.AllocsPerRun(1000, writes()), 51.0)
	require.LessOrEqual(t, testing.AllocsPerRun(1000, reads()), 9.0)
	require.LessOrEqual(t, testing.AllocsPerRun(1000, ticks(t)), 12.0)
}
