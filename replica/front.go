package replica

import (
	"sort"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master"
)

// streams are the client streams that have said Hello, in order of their numbers.
type streams struct {
	welcome map[uint64]bool
	meter   *master.Meter // of what is answered here
}

func newStreams() streams { return streams{welcome: map[uint64]bool{}, meter: master.NewMeter()} }

func (s streams) gone(stream uint64) {
	delete(s.welcome, stream)
	s.meter.Closed(stream)
}

// tell sends m to every stream that was welcomed.
func (s streams) tell(m call.Located, eff *Effects) {
	all := make([]uint64, 0, len(s.welcome))
	for stream := range s.welcome { // sorted below
		all = append(all, stream)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	for _, stream := range all {
		l := m
		eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: &l})
	}
}

// fromClient answers what any replica can, and gives the rest to the master.
func (r *Replica) fromClient(at Moment, x FromClient, eff *Effects) {
	if !r.streams.welcome[x.Stream] {
		r.hello(at, x, eff)
		return
	}
	switch m := x.Msg.(type) {
	case *call.Hello:
		r.refuse(x.Stream, cell.ErrProtocol, "a second Hello", eff)
	case *call.Locate:
		l := r.located()
		eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream, Msg: &l})
	case *call.Query:
		switch a := m.Ask.(type) {
		case *call.StatusAsk:
			if !r.paced(at, x.Stream, m, eff) {
				return
			}
			s := r.Status(at.Now)
			reply := &call.QueryReply{Epoch: r.began, Number: m.Number, Zxid: s.Zxid, Status: &s}
			eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream, Msg: reply})
		case *call.Replace:
			r.asReplace(at, x, m, a, eff)
		case *call.Read, *call.List:
			if m.AtReplica && m.Invalid() == "" {
				if r.paced(at, x.Stream, m, eff) {
					r.readHere(at, x, m, eff)
				}
				return
			}
			r.toMaster(x, eff)
		default:
			r.toMaster(x, eff)
		}
	default:
		r.toMaster(x, eff)
	}
}

// hello is the first message of a stream: for this cell, in a format we speak.
func (r *Replica) hello(at Moment, x FromClient, eff *Effects) {
	h, ok := x.Msg.(*call.Hello)
	switch {
	case !ok:
		r.refuse(x.Stream, cell.ErrProtocol, "the first message of a stream is Hello", eff)
	case h.Format > cell.Format:
		r.refuse(x.Stream, cell.ErrProtocol, "this replica speaks format 1 and older; upgrade the cell first", eff)
	case h.Cell != "" && h.Cell != r.config.CellName:
		r.refuse(x.Stream, cell.ErrWrongCell, "this is cell "+r.config.CellName+", not "+h.Cell, eff)
	default:
		r.streams.welcome[x.Stream] = true
		r.streams.meter.Opened(at.Now, x.Stream, x.Principal, x.Address)
		w := &call.Welcome{Format: cell.Format, Cell: r.config.CellName, CellID: r.config.CellID, Replica: r.config.Core.ID}
		eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream, Msg: w})
	}
}

func (r *Replica) refuse(stream uint64, err error, why string, eff *Effects) {
	m := &call.Refused{Code: cell.CodeOf(err), Message: why, Located: r.located()}
	eff.Clients = append(eff.Clients, master.Send{Stream: stream, Msg: m})
	eff.Closes = append(eff.Closes, master.Close{Stream: stream, Why: why})
}

// toMaster hands a message on, or says who is master: nothing has happened then.
func (r *Replica) toMaster(x FromClient, eff *Effects) {
	if r.master != nil {
		r.asked = append(r.asked, master.Message{Stream: x.Stream, Address: x.Address, Principal: x.Principal, Msg: x.Msg})
		return
	}
	l := r.located()
	if q, ok := x.Msg.(*call.Query); ok {
		eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream, Msg: &call.QueryReply{Number: q.Number,
			Code: cell.CodeOf(cell.ErrNoMaster), Message: l.Why}})
		return
	}
	eff.Clients = append(eff.Clients, master.Send{Stream: x.Stream,
		Msg: &call.Refused{Code: cell.CodeOf(cell.ErrNoMaster), Message: l.Why, Located: l}})
}

// located names the master as this replica knows it.
func (r *Replica) located() call.Located {
	if r.master != nil {
		self, _ := r.list().Find(r.config.Core.ID)
		return call.Located{Master: self.ID, Epoch: r.began, Client: self.Client}
	}
	leader := r.core.Leader()
	if m, ok := r.list().Find(leader); ok && leader != r.config.Core.ID {
		return call.Located{Master: leader, Epoch: r.core.Epoch(), Client: m.Client}
	}
	return call.Located{Why: r.why()}
}
