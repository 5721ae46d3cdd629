package zab

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// leads5 gives the leader's whole work for one write among five, disks and acks included: a
// proposal, its own disk's answer, four acks.
func leads5(b testing.TB) func() {
	s := &solo{now: 1e9}
	s.core = New(soloConfig(5), s.now, &s.out)
	s.settle()
	for id := cell.ReplicaID(2); id <= 5; id++ {
		s.meet(id, record.Voter)
		s.hears(id, &Status{Role: RoleLooking, Abstain: true})
	}
	for id := cell.ReplicaID(2); id <= 5; id++ {
		s.hears(id, &FollowerInfo{Ask: 1})
	}
	for id := cell.ReplicaID(2); id <= 5; id++ {
		s.hears(id, &AckEpoch{Epoch: 1})
	}
	for id := cell.ReplicaID(2); id <= 5; id++ {
		s.hears(id, &AckNewLeader{Epoch: 1})
	}
	if _, ok := s.core.Leading(); !ok {
		b.Fatal("does not lead")
	}
	payload := make([]byte, 256)
	out := &s.out
	i := -1
	return func() {
		i++
		s.now = s.now.Add(10 * lease.Microsecond)
		if i%1000 == 0 {
			for id := cell.ReplicaID(2); id <= 5; id++ {
				s.core.Step(s.now, Received{id, uint64(id), &Pong{Epoch: 1, Number: s.core.pinged, Promised: true}}, out)
			}
		}
		s.core.Step(s.now, Propose{record.Normal, payload}, out)
		for k := 0; k < len(out.Disk); k++ {
			switch op := out.Disk[k].(type) {
			case Append:
				s.core.Step(s.now, Persisted{op.Ticket}, out)
			case SaveHard:
				s.core.Step(s.now, Persisted{op.Ticket}, out)
			}
		}
		for id := cell.ReplicaID(2); id <= 5; id++ {
			s.core.Step(s.now, Received{id, uint64(id), &Ack{Epoch: 1, Index: s.core.Last().Index}}, out)
		}
		out.Reset()
		if s.core.Committed() != uint64(i+1) {
			b.Fatalf("committed %d of %d", s.core.Committed(), i+1)
		}
	}
}

func BenchmarkLeaderStep(b *testing.B) {
	once := leads5(b)
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// What the hot path takes from the heap does not jitter: more than this is a change to be seen.
func TestAllocationsStayInBounds(t *testing.T) {
	require.LessOrEqual(t, testing.AllocsPerRun(1000, leads5(t)), 10.0)
}
