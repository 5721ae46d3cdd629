package replica

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
)

// follow obeys one event of the core.
func (r *Replica) follow(at Moment, e zab.Event, eff *Effects) {
	switch e := e.(type) {
	case zab.Leading:
		eff.Counts.Elections++
		r.lead(at, e.Epoch, eff)
	case zab.Looking:
		r.looking = e.Why
		r.lose(at, e.Why, eff)
	case zab.Following:
		r.lose(at, fmt.Sprintf("replica %d leads epoch %d", e.Leader, e.Epoch), eff)
		r.streams.tell(r.located(), eff)
	case zab.Rolled:
		eff.Counts.Rolls++
		eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("the counter was full: now in epoch %d", e.Epoch)})
	case zab.Fatal:
		r.end(e.Why, eff)
	case zab.Log:
		eff.Lines = append(eff.Lines, Line{"info", e.Line})
	case zab.Reported:
		r.reported(at, e, eff)
	case zab.Restored, zab.DropLink: // restored before; links are the host's
	}
}

// lead begins a mastership (Z8: everything of earlier epochs has been applied).
func (r *Replica) lead(at Moment, e cell.Epoch, eff *Effects) {
	cell.Assert(r.master == nil, "epoch %d begins inside the mastership of epoch %d", e, r.began)
	r.began = e
	c := master.Config{Self: r.config.Core.ID, Wall: at.Wall, Epoch: e, Tree: r.tree, First: r.check.begin(at),
		Audit: r.config.Audit}
	if !r.tree.Born() {
		birth := r.config.Birth
		birth.Members, birth.Format = r.core.Heard(), max(r.core.Formats(), cell.OldestFormat)
		c.Birth = &birth
	}
	r.masters.Reset()
	r.master = master.New(at.Now, c, &r.masters)
	eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("master in epoch %d", e)})
	r.carry(eff)
	r.streams.tell(r.located(), eff)
}

// lose ends the mastership, if there is one: its clients are told, and where the heir is whom this replica has
// named, and their streams ended.
func (r *Replica) lose(at Moment, why string, eff *Effects) {
	if r.master == nil {
		return
	}
	m := r.master
	if len(r.applied) > 0 { // its last answers
		r.masters.Reset()
		m.Step(r.momentOf(at), r.applied, &r.masters)
		r.masters.Proposals = r.masters.Proposals[:0]
		r.carry(eff)
		r.applied = r.applied[:0]
	}
	r.master, r.members.bound, r.members.wish, r.members.leaves = nil, nil, nil, ""
	r.check.end()
	r.masters.Reset()
	heir, _ := r.list().Find(r.core.Heir())
	m.Lose(at.Now, call.Located{Why: why, Client: heir.Client}, &r.masters)
	eff.Lines = append(eff.Lines, Line{"warn", fmt.Sprintf("mastership of epoch %d lost: %s", r.began, why)})
	r.carry(eff)
	r.proposed = nil
}

// handOver gives the mastership up to another, after the master's last word. The heir has that in its
// log before it is one; until then what was proposed is answered here, and nothing else.
func (r *Replica) handOver(at Moment, why string, eff *Effects) {
	if r.master != nil && r.ended == "" {
		r.masters.Reset()
		r.master.Leave(r.momentOf(at), &r.masters)
		r.carry(eff)
	}
	r.batch = append(r.batch, zab.Resign{Why: why})
}

func (r *Replica) momentOf(at Moment) master.Moment {
	return master.Moment{Now: at.Now, Lease: r.core.Lease(at.Now), Wall: at.Wall, Late: r.late, Full: !r.core.Room()}
}

// stepMaster gives the master, if there is one, what was applied and asked since its last Step,
// and the time.
func (r *Replica) stepMaster(at Moment, eff *Effects) {
	in := append(r.applied, r.asked...)
	for _, stream := range r.gone {
		in = append(in, master.StreamDown{Stream: stream})
	}
	if list, ok := r.reshape(at); ok {
		r.members.bound = list
		in = append(in, master.Bind{Members: list})
	}
	if op := r.due(at); op != nil {
		in = append(in, master.Own{Op: op})
	}
	if r.master != nil && r.ended == "" {
		r.masters.Reset()
		r.master.Step(r.momentOf(at), in, &r.masters)
		r.carry(eff)
		if r.masters.StepDown {
			r.members.leaves = "asked to step down"
		}
		if why := r.members.leaves; why != "" {
			r.members.leaves = ""
			r.handOver(at, why, eff)
		}
	}
	clear(in)
	clear(r.asked)
	r.applied, r.asked, r.gone, r.late = in[:0], r.asked[:0], r.gone[:0], 0
}

// carry takes the master's proposals to the core's queue and the rest outside.
func (r *Replica) carry(eff *Effects) {
	for _, p := range r.masters.Proposals {
		r.batch = append(r.batch, zab.Propose{Kind: p.Kind, Payload: p.Payload})
		r.proposed.add(p.Payload, p.Txn)
	}
	eff.Clients = append(eff.Clients, r.masters.Sends...)
	eff.Closes = append(eff.Closes, r.masters.Closes...)
	eff.Pauses = append(eff.Pauses, r.masters.Pauses...)
	eff.Deeds = append(eff.Deeds, r.masters.Deeds...)
	for _, l := range r.masters.Lines {
		eff.Lines = append(eff.Lines, lineOf(l))
	}
	eff.Counts.add(&r.masters)
	eff.WakeAt = min(eff.WakeAt, r.masters.WakeAt)
}

func lineOf(l master.Line) Line {
	line := Line{Level: "info", Text: l.Text}
	if l.Level == master.Warn {
		line.Level = "warn"
	}
	for _, f := range l.Fields {
		line.Text += " " + f.Key + "=" + f.Value
	}
	return line
}

// restore replaces the tree by the snapshot that was installed (Z7).
func (r *Replica) restore(e zab.Restored, eff *Effects) {
	cell.Assert(r.master == nil, "a master installed a snapshot")
	cell.Assert(r.fresh != nil && r.fresh.Mark() == e.Mark, "restored at %v without its tree", e.Mark)
	r.noteGap(e.Mark.Zxid, eff)
	r.tree, r.fresh = r.fresh, nil
	r.growth.log, r.growth.frozen, r.growth.oldest = 0, e.Mark.Index, record.Mark{}
	r.check = selfcheck{}
	r.obey()
	eff.Lines = append(eff.Lines, Line{"info", fmt.Sprintf("restored from a snapshot at %v", e.Mark)})
}
