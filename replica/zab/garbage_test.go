package zab

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// TestB1_NonsenseFromPeersTripsNothing feeds cores in every role with messages whose fields are
// drawn at random from what might just be right. An assertion that fires panics.
func TestB1_NonsenseFromPeersTripsNothing(t *testing.T) {
	for seed := int64(0); seed < 400; seed++ {
		rng := rand.New(rand.NewSource(seed))
		s := newSolo(t, soloConfig(3))
		g := garbler{rng, s.core}
		links := map[cell.ReplicaID]uint64{}
		for range 300 {
			from := cell.ReplicaID(2 + rng.Intn(2))
			if p := s.core.peer(from); p.link.number == 0 || rng.Intn(60) == 0 {
				links[from]++
				s.step(LinkUp{from, links[from]})
				s.step(Received{from, links[from], &Hello{
					ID: from, Incarnation: cell.Incarnation(100 + from), Boot: 1, Standing: record.Voter, Format: cell.Format}})
				s.step(Received{from, links[from], &Welcome{}})
			}
			m := g.message(from)
			if back, err := Decode(Encode(m)); err == nil {
				s.step(Received{from, links[from], back})
			}
			if rng.Intn(3) == 0 {
				s.pass(lease.Duration(rng.Int63n(int64(300 * lease.Millisecond))))
			}
			if rng.Intn(4) == 0 {
				s.step(Propose{record.Normal, []byte("1 1")})
			}
			require.NotEmpty(t, s.core.String())
		}
	}
}

type garbler struct {
	*rand.Rand
	core *Core
}

func (g garbler) epoch() cell.Epoch {
	h := &g.core.hard
	near := []cell.Epoch{h.AcceptedEpoch, h.CurrentEpoch, h.AcceptedEpoch + 1, 1, maxEpoch, 1<<32 - 1, 0}
	return near[g.Intn(len(near)*2)%len(near)]
}

func (g garbler) mark() record.Mark {
	if g.Intn(2) == 0 {
		return g.core.log.last
	}
	i := uint64(g.Intn(4))
	return record.Mark{Index: i, Zxid: cell.MakeZxid(g.epoch(), uint32(g.Intn(4)))}
}

func (g garbler) index() uint64 {
	return []uint64{0, 1, g.core.log.last.Index, g.core.log.last.Index + 1, g.core.commit, 1<<64 - 1}[g.Intn(6)]
}

func (g garbler) table() (t []record.EpochEnd, last record.Mark) {
	if g.Intn(2) == 0 {
		return append(t, g.core.log.epochs...), g.core.log.last
	}
	for range g.Intn(3) {
		e := last.Zxid.Epoch() + cell.Epoch(g.Intn(3))
		last = record.Mark{Index: last.Index + uint64(g.Intn(3)), Zxid: cell.MakeZxid(e, uint32(g.Intn(3)))}
		t = append(t, record.EpochEnd{Epoch: last.Zxid.Epoch(), Last: last})
	}
	return t, last
}

func (g garbler) records(e cell.Epoch, prev record.Mark) (rs []record.Record) {
	for i := range 1 + g.Intn(3) {
		z := prev.Zxid + cell.Zxid(i) + 1
		if prev.Zxid.Epoch() != e {
			z = cell.MakeZxid(e, uint32(i+1))
		}
		rs = append(rs, record.Make(prev.Index+uint64(i)+1, z, record.Normal, []byte("1 1")))
	}
	return rs
}

func (g garbler) message(from cell.ReplicaID) Message {
	e := g.epoch()
	switch g.Intn(20) {
	case 0, 1:
		return &Status{Role: Role(g.Intn(6)), Leader: cell.ReplicaID(g.Intn(4)), Epoch: e, Current: g.epoch(), Last: g.mark()}
	case 2, 3:
		t, last := g.table()
		return &FollowerInfo{Ask: uint64(g.Intn(5)), Accepted: e, From: cell.ReplicaID(g.Intn(4)), Last: last, Epochs: t}
	case 4, 5:
		return &NewEpoch{Ask: g.core.ask, Epoch: e}
	case 6, 7:
		return &AckEpoch{Epoch: e, Current: g.epoch(), Last: g.mark()}
	case 8:
		return &Ping{Epoch: e, Number: g.index(), Length: lease.Duration(g.Int63n(int64(2 * lease.Second)))}
	case 9:
		return &Pong{Epoch: e, Number: g.core.pinged, Promised: g.Intn(2) == 0}
	case 10:
		return &Release{Epoch: e}
	case 11, 12:
		return &Diff{Epoch: e, After: g.mark()}
	case 13:
		return &Snap{Epoch: e, Attempt: g.index()}
	case 14:
		return &SnapshotDurable{Epoch: e, Attempt: g.index(), Mark: g.mark()}
	case 15:
		prev := g.mark()
		return &Entries{Epoch: e, Prev: prev, Commit: g.index(), Records: g.records(e, prev)}
	case 16:
		return &NewLeader{Epoch: e, Last: g.mark()}
	case 17:
		return &AckNewLeader{Epoch: e, Last: g.mark()}
	case 18:
		return &UpToDate{Epoch: e, Commit: g.index()}
	}
	return []Message{
		&Progress{Epoch: e, Index: g.index()}, &Ack{Epoch: e, Index: g.index()}, &Commit{Epoch: e, Index: g.index()},
		&Hello{ID: from, Incarnation: cell.Incarnation(g.Intn(300)), Boot: g.index(),
			Standing: record.Standing(g.Intn(4)), Format: 1},
		&Refused{Why: "no"}, &Welcome{},
	}[g.Intn(6)]
}
