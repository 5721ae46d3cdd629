package world

import (
	"bytes"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// whole is a process with a whole replica: the one that celld runs.
type whole struct {
	cell    *Cell
	node    Node
	machine *Machine
	replica *replica.Replica
	options tree.Options
}

func newWhole(l *life, r record.Recovered, hard record.HardState) brain {
	c := l.m.cell
	w := &whole{cell: c, node: l.m.node, machine: l.m,
		options: tree.Options{HistoryCount: c.swarm.History, HistoryBytes: 1 << 20, Format: l.m.format}}
	t := tree.New(w.options)
	if shot, err := l.m.disk.Newest(); err == nil {
		t = w.decode(shot.Raw)
	}
	w.machine.replaced(t)
	lengths := c.lengths()
	w.replica = replica.New(replica.Config{
		CellName: "local", CellID: l.m.disk.Born.Cell, Tree: t,
		Core: zab.Config{
			ID: l.m.id, Members: c.configured(l.m), Hard: hard, Log: r.Summary, Recent: r.Recent,
			Lists: lists(t, r.Lists), MembersOf: tree.MembersOf, Lengths: lengths,
			Seed: c.loop.Number(), RollAt: c.swarm.RollAt, Format: l.m.format,
		},
		Birth: tree.Birth{Cell: "local", ID: l.m.disk.Born.Cell, Lengths: lengths,
			Limits: c.swarm.Limits, Format: cell.Format, HandleKey: [32]byte{1, byte(l.m.id)}},
		Snapshot:    replica.SnapshotPolicy{LogBytes: 1 << 40, LogCount: c.swarm.Shots},
		MarkerEvery: c.swarm.Markers,
	}, w.moment(l.m.now()), &l.out.Effects)
	return w
}

// lists are the member lists that the core must obey: the snapshot's, and those in the log.
func lists(t *tree.Tree, logged []record.Record) []zab.List {
	var lists []zab.List
	if t.Born() {
		lists = append(lists, zab.List{Index: t.Mark().Index, Members: t.Members()})
	}
	for _, r := range logged {
		m, err := tree.MembersOf(r.Payload)
		cell.Assert(err == nil, "the member list at %v: %v", r.Mark(), err)
		lists = append(lists, zab.List{Index: r.Index, Members: m})
	}
	return lists
}

// moment is the machine's clock, and a wall clock that nobody compares.
func (w *whole) moment(now lease.Instant) replica.Moment {
	return replica.Moment{Now: now, Wall: int64(1_700_000_000*time.Second) + int64(now)}
}

func (w *whole) step(now lease.Instant, in []replica.Input, e *effects) {
	w.replica.Step(w.moment(now), in, &e.Effects)
	if view := e.Freeze; view != nil {
		flipped, flips := w.machine.flipped, w.machine.flips
		e.frozen = func() ([]byte, error) { // maybe when another tree stands in the place of this one
			var b bytes.Buffer
			err := view.Encode(&b)
			cell.Assert(err == nil || flipped || w.machine.flips > flips, "encoding a snapshot: %v", err)
			return b.Bytes(), err
		}
	}
}

func (w *whole) holds(now lease.Instant) bool { return w.replica.Holds(now) }

func (w *whole) decode(raw []byte) *tree.Tree {
	t, err := tree.DecodeTree(bytes.NewReader(raw), w.options)
	cell.Assert(err == nil, "decoding a snapshot that is whole: %v", err)
	return t
}

func (w *whole) members(raw []byte) cell.Members { return w.decode(raw).Members() }

func (w *whole) listed(payload []byte) cell.Members {
	m, err := tree.MembersOf(payload)
	cell.Assert(err == nil, "a member list that was committed: %v", err)
	return m
}

func (w *whole) restored(ticket uint64, raw []byte) replica.Input {
	return replica.Installed{Ticket: ticket, Tree: w.decode(raw)}
}

func (w *whole) String() string { return w.replica.String() }

// observe compares this tree with the reference at the same place, and counts.
func (w *whole) observe(e *effects, c *Cell) {
	if e.Fatal != "" {
		c.machines[w.node-1].ended(e.Fatal)
		return
	}
	t := w.replica.Tree()
	w.judge(e)
	if len(e.Core.Commits) > 0 && !w.machine.flipped {
		c.history.Tree(int(w.node), t.Mark().Index, t.Digest())
	}
	n := &c.counters
	n.Rounds += len(e.Counts.Rounds)
	n.Lapses += e.Counts.Lapses
	n.Resyncs += e.Counts.Resyncs
	n.Expiries += e.Counts.Expired
	n.Replayed += e.Counts.Recorded
	n.Quarantines += e.Counts.Quarantines
	n.Unfit += e.Counts.Unfit
	for _, line := range e.Lines {
		c.loop.Say("machine %d: %s %s", w.node, line.Level, line.Text)
	}
}
