package world

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc64"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// bare is a process with the replication core alone: its tree is the digest of what was
// committed, its transactions are lists of members and numbers. Many more schedules of the
// core go by in a second than with whole replicas.
type bare struct {
	life  *life
	core  *zab.Core
	state bareState
	fresh *bareState    // received, until the core says Restored
	shots uint64        // index of the last snapshot
	asked cell.Epoch    // epoch in which the members were proposed
	bound cell.Members  // what was proposed last
	wish  *call.Replace // asked for; nil: nothing
}

type bareState struct {
	Mark    record.Mark
	Digest  uint64
	Members cell.Members
}

// load asks a leader for one more transaction.
type load struct{ number uint64 }

func newBare(l *life, r record.Recovered, hard record.HardState) brain {
	b := &bare{life: l}
	l.m.flipped = false // its state is read from the disk
	var lists []zab.List
	if shot, err := l.m.disk.Newest(); err == nil {
		b.state = decodeBare(shot.Raw)
		if len(b.state.Members) > 0 {
			lists = append(lists, zab.List{Index: b.state.Mark.Index, Members: b.state.Members})
		}
	}
	for _, x := range r.Lists {
		lists = append(lists, zab.List{Index: x.Index, Members: decodeMembers(x.Payload)})
	}
	c := l.m.cell
	b.shots = b.state.Mark.Index
	b.core = zab.New(zab.Config{
		ID: l.m.id, Members: c.configured(l.m), Hard: hard, Log: r.Summary, Recent: r.Recent, Lists: lists,
		MembersOf: func(p []byte) (cell.Members, error) { return decodeMembers(p), nil },
		Lengths:   c.lengths(), Seed: c.loop.Number(), RollAt: c.swarm.RollAt,
	}, l.m.now(), &l.out.Core)
	b.settle(&l.out)
	return b
}

func (b *bare) step(now lease.Instant, in []replica.Input, e *effects) {
	for _, x := range in {
		switch x := x.(type) {
		case load:
			b.propose(now, x, e)
		case replica.SnapshotTaken:
			e.Compact = min(x.Oldest.Index+1, b.core.KeepFrom())
		case replica.WantSnapshot:
			b.freeze(e)
		case replica.SnapshotFailed:
		default:
			b.core.Step(now, x.(zab.Input), &e.Core)
		}
	}
	b.core.Step(now, b.agrees(), &e.Core)
	b.settle(e)
	b.bind(now, e)
	if b.state.Mark.Index >= b.shots+b.life.m.cell.swarm.Shots {
		b.freeze(e)
	}
	e.WakeAt = e.Core.WakeAt
}

// agrees: nobody compares anything here; a leader takes its own state for a quorum's.
func (b *bare) agrees() zab.Input {
	if _, leading := b.core.Leading(); leading && b.state.Mark.Index > 0 {
		return zab.Agrees{At: b.state.Mark.Index}
	}
	return nil
}

// settle takes what was committed and restored.
func (b *bare) settle(e *effects) {
	for _, x := range e.Core.Events {
		if r, ok := x.(zab.Restored); ok && b.fresh != nil && b.fresh.Mark == r.Mark {
			b.state, b.fresh = *b.fresh, nil
			b.shots = r.Mark.Index
		}
	}
	for _, r := range e.Core.Commits {
		if r.Index <= b.state.Mark.Index {
			continue // of an earlier step's output
		}
		b.state.Mark = r.Mark()
		sum := binary.LittleEndian.AppendUint64(nil, b.state.Digest)
		b.state.Digest = crc64.Checksum(append(sum, r.Payload...), crc64.MakeTable(crc64.ECMA))
		if r.Kind == record.Members {
			b.state.Members = decodeMembers(r.Payload)
		}
		b.life.m.cell.history.Tree(int(b.life.m.node), r.Index, b.state.Digest)
	}
	e.WakeAt = e.Core.WakeAt
}

func (b *bare) holds(now lease.Instant) bool {
	_, leading := b.core.Leading()
	return leading && now < b.core.Lease(now)
}

// bind proposes who is who: at birth everybody who was heard, later each newcomer (Z11).
func (b *bare) bind(now lease.Instant, e *effects) {
	epoch, leading := b.core.Leading()
	if !leading || !b.holds(now) {
		return
	}
	list := b.state.Members
	if len(list) == 0 {
		list = b.core.Heard()
	}
	if len(b.state.Members) > 0 {
		if list = b.reshaped(list); list == nil || b.core.Changing() {
			return
		}
	}
	if b.asked == epoch && list.Equal(b.bound) {
		return
	}
	b.asked, b.bound = epoch, list
	b.core.Step(now, zab.Propose{Kind: record.Members, Payload: encodeMembers(list)}, &e.Core)
}

// reshaped is the list with the newcomer that is wished for, or with one that has taken the place of
// a directory that fell silent; nil: as it is.
func (b *bare) reshaped(list cell.Members) cell.Members {
	if a := b.wish; a != nil {
		_, is := list.Find(a.Old)
		inc, why := b.core.Ready(a.New.ID)
		serve := 0
		for _, m := range list.Without(a.Old) {
			if b.core.Serves(m) {
				serve++
			}
		}
		if is && why == "" && a.Old != b.life.m.id && serve > len(list)/2 {
			a.New.Incarnation = inc
			return list.Without(a.Old).With(a.New)
		}
	}
	for _, x := range b.core.Unbound() {
		return list.With(x)
	}
	return nil
}

func (b *bare) propose(now lease.Instant, x load, e *effects) {
	if !b.holds(now) || len(b.state.Members) == 0 {
		return
	}
	payload := binary.LittleEndian.AppendUint64(nil, x.number)
	payload = append(payload, make([]byte, x.number%700)...)
	b.core.Step(now, zab.Propose{Kind: record.Normal, Payload: payload}, &e.Core)
}

func (b *bare) freeze(e *effects) {
	raw := encode(b.state)
	b.shots = b.state.Mark.Index
	e.Mark, e.frozen = b.state.Mark, func() ([]byte, error) { return raw, nil }
}

func (b *bare) String() string {
	return b.core.String() + fmt.Sprintf("  members %v\n", b.state.Members)
}

func (b *bare) observe(*effects, *Cell) {}

func (b *bare) members(raw []byte) cell.Members { return decodeBare(raw).Members }

func (b *bare) listed(payload []byte) cell.Members { return decodeMembers(payload) }

func (b *bare) restored(ticket uint64, raw []byte) replica.Input {
	s := decodeBare(raw)
	b.fresh = &s
	return zab.Persisted{Ticket: ticket}
}

func encode(v any) []byte {
	raw, err := json.Marshal(v)
	cell.Assert(err == nil, "encoding: %v", err)
	return raw
}

func decodeBare(raw []byte) (s bareState) {
	err := json.Unmarshal(raw, &s)
	cell.Assert(err == nil, "decoding what we encoded: %v", err)
	return s
}

func encodeMembers(m cell.Members) []byte { return encode(m) }

func decodeMembers(raw []byte) (m cell.Members) {
	err := json.Unmarshal(raw, &m)
	cell.Assert(err == nil, "decoding what we encoded: %v", err)
	return m
}
