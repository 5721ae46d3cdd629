package replica

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// rig is a cell of whole replicas whose disks, links and clock the test plays. A disk answers at
// once unless it is stuck, a link delivers at once unless one of its ends is cut off.
type rig struct {
	t       *testing.T
	now     lease.Instant
	members cell.Members
	policy  SnapshotPolicy
	lengths cell.Lengths // in the files
	every   int          // transactions from marker to marker
	all     []*played
}

// played is one replica with its surroundings.
type played struct {
	rig     *rig
	id      cell.ReplicaID
	r       *Replica
	eff     Effects
	in      []Input
	off     bool // not running, or out of reach
	stuck   bool // the disk does nothing
	lame    bool // nor from the next start on
	hold    bool // snapshots are not written
	todo    []zab.DiskOp
	log     []record.Record
	hard    record.HardState
	snaps   map[record.Mark][]byte
	base    record.Mark // the newest snapshot
	links   map[cell.ReplicaID]uint64
	wake    lease.Instant
	frozen  []record.Mark
	compact uint64
	sent    []master.Send
	closed  []master.Close
	events  []zab.Event
	lines   []Line
	pauses  []master.Pause
	deeds   []master.Deed
	counts  Counts
	wanted  cell.Members // whom the host was told to keep links with
	format  uint32       // the highest that its program knows; 0: cell.Format
}

var cellID = cell.CellID{7}

func newRig(t *testing.T, n int) *rig {
	g := &rig{t: t, now: lease.Instant(lease.Second), policy: SnapshotPolicy{LogBytes: 1 << 30},
		lengths: cell.DefaultLengths()}
	for i := 1; i <= n; i++ {
		g.members = append(g.members, cell.Member{ID: cell.ReplicaID(i), Client: fmt.Sprintf("client:%d", i),
			Peer: fmt.Sprintf("peer:%d", i)})
	}
	for i := 1; i <= n; i++ {
		p := &played{rig: g, id: cell.ReplicaID(i), snaps: map[record.Mark][]byte{},
			hard: record.HardState{Incarnation: cell.Incarnation(100 + i)}}
		g.all = append(g.all, p)
	}
	return g
}

// born is a cell that serves, and has done so for a while.
func born(t *testing.T, n int) *rig {
	g := newRig(t, n)
	g.start()
	g.pass(10 * lease.Second)
	return g
}

func (g *rig) start() {
	g.t.Helper()
	for _, p := range g.all {
		p.start()
	}
	for range 100 {
		if m := g.master(); m != nil && m.r.master.Ready() {
			return
		}
		g.pass(100 * lease.Millisecond)
	}
	require.Fail(g.t, "nobody serves")
}

func (g *rig) at(id int) *played { return g.all[id-1] }

// master is who is master, in the newest epoch.
func (g *rig) master() *played {
	var best *played
	for _, p := range g.all {
		if !p.off && p.r.master != nil && (best == nil || p.r.began > best.r.began) {
			best = p
		}
	}
	return best
}

// follower is one that is not the master.
func (g *rig) follower() *played {
	for _, p := range g.all {
		if p != g.master() && !p.off {
			return p
		}
	}
	return nil
}

// start begins a life on what the disk holds, and links it with all that run.
func (p *played) start() {
	g := p.rig
	p.hard.Boot++
	p.todo, p.in, p.off, p.stuck = nil, nil, false, p.lame
	p.links = map[cell.ReplicaID]uint64{}
	options := p.options()
	t := tree.New(options)
	var lists []zab.List
	if p.base.Index > 0 {
		var err error
		t, err = tree.DecodeTree(bytes.NewReader(p.snaps[p.base]), options)
		require.NoError(g.t, err)
		lists = append(lists, zab.List{Index: p.base.Index, Members: t.Members()})
	}
	for _, x := range p.log {
		if x.Kind == record.Members && x.Index > p.base.Index {
			m, err := tree.MembersOf(x.Payload)
			require.NoError(g.t, err)
			lists = append(lists, zab.List{Index: x.Index, Members: m})
		}
	}
	p.eff.Reset()
	p.r = New(Config{CellName: "x", CellID: cellID, Tree: t, Snapshot: g.policy, MarkerEvery: g.every, Audit: true,
		Core: zab.Config{ID: p.id, Members: g.members, Hard: p.hard, Log: p.summary(), Lists: lists,
			MembersOf: tree.MembersOf, Lengths: g.lengths, Seed: uint64(p.id), Format: p.format},
		Birth: tree.Birth{Cell: "x", ID: cellID, Lengths: g.lengths, Limits: cell.DefaultLimits(),
			Format: cell.Format}}, Moment{Now: g.now}, &p.eff)
	p.carry()
	for _, q := range g.all {
		if q != p && q.r != nil && !q.off {
			link(p, q)
		}
	}
	g.settle()
}

func (p *played) options() tree.Options {
	return tree.Options{HistoryCount: 1000, HistoryBytes: 1 << 20, Format: p.format}
}

func (p *played) summary() record.Summary {
	s := record.Summary{Snapshot: p.base, First: p.base.Index + 1, Last: p.base}
	if p.base.Index > 0 {
		s.Epochs = []record.EpochEnd{{Epoch: p.base.Zxid.Epoch(), Last: p.base}}
	}
	for i, x := range p.log {
		if i == 0 {
			s.First, s.Epochs = x.Index, nil
		}
		s.Last = x.Mark()
		if n := len(s.Epochs); n > 0 && s.Epochs[n-1].Epoch == x.Zxid.Epoch() {
			s.Epochs[n-1].Last = s.Last
			continue
		}
		s.Epochs = append(s.Epochs, record.EpochEnd{Epoch: x.Zxid.Epoch(), Last: s.Last})
	}
	return s
}

func link(p, q *played) {
	n := max(p.links[q.id], q.links[p.id]) + 1
	p.links[q.id], q.links[p.id] = n, n
	p.in = append(p.in, zab.LinkUp{Peer: q.id, Link: n})
	q.in = append(q.in, zab.LinkUp{Peer: p.id, Link: n})
}

// relink does what hosts do with a dropped link: the other end hears of it, and a new one comes.
func (p *played) relink(q *played, number uint64) {
	if p.links[q.id] == number && !q.off && q.r != nil {
		q.in = append(q.in, zab.LinkDown{Peer: p.id, Link: q.links[p.id]})
		link(p, q)
	}
}

// cut takes a replica out of reach, as a dead machine is.
func (p *played) cut() {
	p.off = true
	for _, q := range p.rig.all {
		if q != p && !q.off {
			q.in = append(q.in, zab.LinkDown{Peer: p.id, Link: q.links[p.id]})
		}
	}
	p.rig.settle()
}

// settle delivers until nothing is on its way.
func (g *rig) settle() {
	g.t.Helper()
	for range 10_000 {
		quiet := true
		for _, p := range g.all {
			if p.r != nil && !p.off && (len(p.in) > 0 || p.wake <= g.now) {
				p.step()
				quiet = false
			}
		}
		if quiet {
			return
		}
	}
	require.Fail(g.t, "the replicas do not come to rest")
}

// pass lets time pass, stopping wherever a replica asked to be called.
func (g *rig) pass(d lease.Duration) {
	g.t.Helper()
	for end := g.now.Add(d); ; {
		g.settle()
		next := end
		for _, p := range g.all {
			if p.r != nil && !p.off {
				next = min(next, p.wake)
			}
		}
		if g.now == end {
			return
		}
		g.now = max(g.now, next)
	}
}

// step gives a replica what waits for it, and inputs of the test's own.
func (p *played) step(in ...Input) {
	in = append(p.in, in...)
	p.in = nil
	p.eff.Reset()
	p.r.Step(Moment{Now: p.rig.now, Wall: int64(p.rig.now)}, in, &p.eff)
	p.carry()
}

// say brings messages of a client, and lets follow what follows.
func (p *played) say(stream uint64, messages ...call.Message) {
	p.rig.t.Helper()
	var in []Input
	for _, m := range messages {
		in = append(in, FromClient{Stream: stream, Address: "client", Principal: cell.Anonymous, Msg: m})
	}
	p.step(in...)
	p.rig.settle()
}

func (p *played) carry() {
	p.wake = p.eff.WakeAt
	p.todo = append(p.todo, p.eff.Core.Disk...)
	for _, s := range p.eff.Core.Sends {
		q := p.rig.at(int(s.To))
		if !q.off && q.r != nil && p.links[s.To] == s.Link {
			m, err := zab.Decode(zab.Encode(s.Msg))
			require.NoError(p.rig.t, err)
			q.in = append(q.in, zab.Received{From: p.id, Link: q.links[p.id], Msg: m})
		}
	}
	p.sent = append(p.sent, p.eff.Clients...)
	p.closed = append(p.closed, p.eff.Closes...)
	p.events = append(p.events, p.eff.Core.Events...)
	for _, e := range p.eff.Core.Events {
		if e, ok := e.(zab.DropLink); ok {
			p.relink(p.rig.at(int(e.Peer)), e.Link)
		}
	}
	p.lines, p.pauses = append(p.lines, p.eff.Lines...), append(p.pauses, p.eff.Pauses...)
	p.deeds = append(p.deeds, p.eff.Deeds...)
	if p.eff.Links != nil {
		p.wanted = p.eff.Links
	}
	p.counts.Elections += p.eff.Counts.Elections
	p.counts.Applied += p.eff.Counts.Applied
	p.counts.Markers += p.eff.Counts.Markers
	p.counts.Quarantines += p.eff.Counts.Quarantines
	if p.eff.Freeze != nil {
		p.freeze(p.eff.Freeze, p.eff.Mark)
	}
	if p.eff.Compact > 0 {
		p.compactTo(p.eff.Compact)
	}
	p.work()
}

// told are the messages that a stream was sent since the last look.
func (p *played) told(stream uint64) []call.Message {
	var list []call.Message
	var rest []master.Send
	for _, s := range p.sent {
		if s.Stream == stream {
			list = append(list, s.Msg)
		} else {
			rest = append(rest, s)
		}
	}
	p.sent = rest
	return list
}

// said reports how many log lines hold a text.
func (p *played) said(text string) (n int) {
	for _, l := range p.lines {
		if strings.Contains(l.Text, text) {
			n++
		}
	}
	return n
}
