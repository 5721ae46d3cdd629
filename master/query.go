package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/master/session"
)

// query answers a read from the tree, as it is now (L4), with or without a session.
func (m *Master) query(s *stream, q *call.Query) {
	var l *session.Live
	if s.session != 0 {
		var ok bool
		if l, ok = m.attached(s, q.Epoch); !ok {
			return
		}
	} else if q.Epoch != 0 && q.Epoch != m.epoch {
		m.refuse(s.id, fmt.Errorf("%w here under epoch %d: it is %d", cell.ErrNoMaster, q.Epoch, m.epoch))
		return
	}
	if !m.genuine(l, q.Handle, q.Ask) {
		m.forged(s)
		return
	}
	if err := m.paced(s, l, 1, 0); err != nil {
		r := m.replyTo(q, err)
		m.out.Requests = append(m.out.Requests, Request{Op: opName(q.Ask), Code: r.Code})
		m.send(s.id, r)
		return
	}
	if !m.askedBehind(l, q) {
		m.answer(s, l, q)
	}
}

// answer answers on a stream, from the tree as it is now: what its principal may see (C6).
func (m *Master) answer(s *stream, l *session.Live, q *call.Query) {
	r := m.replyTo(q, nil)
	var after *session.Watch
	err := m.permit(s.principal, q)
	if err == nil {
		err = m.stands(q.IfHeld)
	}
	if err == nil {
		after, err = m.ask(s.principal, l, q.Ask, r)
	}
	if err != nil {
		r = m.replyTo(q, err)
	}
	m.out.Requests = append(m.out.Requests, Request{Op: opName(q.Ask), Code: r.Code})
	m.askedDeed(s, q.Ask, r)
	m.costs(s, l, 0, Weigh(r))
	m.send(s.id, r)
	if after != nil {
		m.feed(after)
	}
	if l != nil {
		m.answerBehind(l) // a watch may have begun, and be synced, or have ended
	}
}

// permit refuses what the principal may not ask, or show a proof of.
func (m *Master) permit(principal string, q *call.Query) error {
	if q.IfHeld != nil {
		if err := m.tree.Permit(principal, &call.CheckSequencer{Sequencer: *q.IfHeld}); err != nil {
			return err
		}
	}
	return m.tree.Permit(principal, q.Ask)
}

// replyTo is the answer to q, to be filled in, or the refusal err.
func (m *Master) replyTo(q *call.Query, err error) *call.QueryReply {
	r := &call.QueryReply{Epoch: m.epoch, Number: q.Number, Zxid: m.tree.Mark().Zxid}
	if err != nil {
		f := call.Fail(err)
		r.Code, r.Message, r.Limit, r.RetryAfter = f.Code, f.Message, f.Limit, f.RetryAfter
	}
	return r
}

// ask fills r with the answer; a watch that begins with it is fed after the reply.
func (m *Master) ask(principal string, l *session.Live, a call.Ask, r *call.QueryReply) (w *session.Watch,
	err error) {
	switch a := a.(type) {
	case *call.Read:
		r.Node, err = m.read(l, a)
	case *call.List:
		r.List, err = m.list(principal, l, a)
	case *call.Revalidate:
		r.Revalidate, err = m.revalidate(principal, l, a)
	case *call.Locks:
		r.Locks, err = m.locks(principal, a)
	case *call.Sessions:
		r.Sessions, err = m.describe(principal, a)
	case *call.Sync: // the reply's Zxid says it all
	case *call.CheckSequencer:
		err = m.stands(&a.Sequencer)
	case *call.Watch:
		return m.watch(principal, l, a)
	case *call.StepDown:
		if a.Epoch != m.epoch {
			return nil, fmt.Errorf("%w: the mastership of epoch %d is over", cell.ErrConflict, a.Epoch)
		}
		m.out.StepDown = true
	case *call.RightsAsk:
		r.Rights, err = m.tree.ReadRights(principal, a)
	case *call.SettingsAsk:
		r.Settings = m.settings(principal)
	case *call.Unwatch:
		if l == nil {
			return nil, noSession()
		}
		m.watches.Remove(l.ID, a.ID)
	default:
		err = fmt.Errorf("%w: the master does not answer %T", cell.ErrProtocol, a)
	}
	return nil, err
}

// stands refuses a sequencer of a hold that does not stand (C2); nil asks for none.
func (m *Master) stands(q *cell.Sequencer) error {
	if q != nil && !m.tree.CheckSequencer(*q) {
		return fmt.Errorf("%w: %v names no hold that stands", cell.ErrStaleSequencer, q)
	}
	return nil
}

func (m *Master) inCell(n cell.Name) error {
	if n.Cell() != m.tree.Cell() {
		return fmt.Errorf("%w: %s is not in cell %s", cell.ErrWrongCell, n, m.tree.Cell())
	}
	return nil
}

// cachable registers the session as cacher of what an answer about name rests on, before it is
// read: name itself, or, when it is absent, its deepest ancestor (C6).
func (m *Master) cachable(l *session.Live, wanted bool, name, on cell.Name) (uint64, bool) {
	if l == nil || !wanted || l.Closing {
		return 0, false
	}
	if !l.Caching {
		m.wantCaching(l)
		return 0, false
	}
	if on == name {
		return m.dir.Register(m.at.Now, l.ID, name)
	}
	return m.dir.Register(m.at.Now, l.ID, on, name)
}

func (m *Master) read(l *session.Live, a *call.Read) (*call.NodeReply, error) {
	if err := m.inCell(a.Name); err != nil {
		return nil, err
	}
	r := &call.NodeReply{}
	on := m.tree.Deepest(a.Name)
	r.Incarnation, r.Cachable = m.cachable(l, a.Cache, a.Name, on)
	found, err := m.tree.ReadNode(a)
	if err != nil {
		return nil, err
	}
	found.Incarnation, found.Cachable = r.Incarnation, r.Cachable
	if a.Open && !found.Absent {
		found.Handle, err = m.open(l, a, found.Stat)
	}
	return found, err
}

func (m *Master) list(principal string, l *session.Live, a *call.List) (*call.ListReply, error) {
	if err := m.inCell(a.Name); err != nil {
		return nil, err
	}
	r := &call.ListReply{}
	on := m.tree.Deepest(a.Name)
	r.Incarnation, r.Cachable = m.cachable(l, a.Cache && a.Names && a.After == "", a.Name, on)
	found, err := m.tree.ReadList(principal, a, pageChildren)
	if err != nil {
		return nil, err
	}
	if !found.More {
		found.Incarnation, found.Cachable = r.Incarnation, r.Cachable
	}
	return found, nil
}
