package replica

import (
	"bytes"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// work does what the disk was asked for, in order.
func (p *played) work() {
	if p.stuck {
		return
	}
	todo := p.todo
	p.todo = nil
	for _, op := range todo {
		p.do(op)
	}
}

func (p *played) do(op zab.DiskOp) {
	switch op := op.(type) {
	case zab.Append:
		p.log = append(p.log, op.Records...)
		p.in = append(p.in, zab.Persisted{Ticket: op.Ticket})
	case zab.SaveHard:
		p.hard = op.Hard
		p.in = append(p.in, zab.Persisted{Ticket: op.Ticket})
	case zab.Truncate:
		p.log = p.between(0, op.After)
		p.in = append(p.in, zab.Persisted{Ticket: op.Ticket})
	case zab.Install:
		p.log, p.base = nil, op.Mark
		p.in = append(p.in, Installed{Ticket: op.Ticket, Tree: p.decode(op.Mark)})
	case zab.ReadLog:
		var rs []record.Record
		if len(p.log) > 0 && op.From >= p.log[0].Index {
			rs = p.between(op.From, 1<<62)
		}
		p.in = append(p.in, zab.LogRead{Ticket: op.Ticket, Records: rs})
	case zab.SendSnapshot:
		p.send(op)
	}
}

func (p *played) between(from, to uint64) []record.Record {
	var list []record.Record
	for _, x := range p.log {
		if x.Index >= from && x.Index <= to {
			list = append(list, x)
		}
	}
	return list
}

func (p *played) decode(m record.Mark) *tree.Tree {
	t, err := tree.DecodeTree(bytes.NewReader(p.snaps[m]), p.options())
	require.NoError(p.rig.t, err)
	return t
}

// send brings the newest snapshot over whole, at once; where there is none so new, one is wanted first.
func (p *played) send(op zab.SendSnapshot) {
	if p.base.Index == 0 || p.base.Index < op.Least {
		if !p.hold {
			p.in = append(p.in, WantSnapshot{})
		}
		p.todo = append(p.todo, op)
		return
	}
	to := p.rig.at(int(op.To))
	to.snaps[p.base] = p.snaps[p.base]
	p.in = append(p.in, zab.SnapshotOffered{To: op.To, Attempt: op.Attempt, Mark: p.base})
	to.in = append(to.in, zab.SnapshotReceived{From: p.id, Attempt: op.Attempt, Mark: p.base,
		Members: to.decode(p.base).Members()})
}

func (p *played) freeze(v *tree.View, m record.Mark) {
	p.frozen = append(p.frozen, m)
	if p.hold {
		return
	}
	var b bytes.Buffer
	if err := v.Encode(&b); err != nil {
		require.ErrorIs(p.rig.t, err, cell.ErrRotten)
		p.in = append(p.in, SnapshotFailed{Why: err.Error(), Damaged: true})
		return
	}
	p.snaps[m], p.base = b.Bytes(), m
	p.in = append(p.in, SnapshotTaken{Mark: m, Oldest: m, Bytes: int64(b.Len())})
}

func (p *played) compactTo(from uint64) {
	p.compact = from
	p.log = p.between(from, 1<<62)
	p.in = append(p.in, zab.Compacted{First: from, Snapshot: p.base})
}
