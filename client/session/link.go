package session

import (
	"errors"
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// phase is how far a link has come.
type phase uint8

const (
	dialing   phase = iota // asked for; nothing said yet
	asking                 // Hello and Locate sent, or Locate again
	idle                   // it has told what it knows
	attaching              // Attach or CreateSession sent
	attached               // the session's newest stream
)

// link is one stream to one replica. It first tells who is master; one of them then becomes the
// session's stream.
type link struct {
	id      uint64
	address string
	phase   phase
	due     lease.Instant // dialing, asking, attaching: when that is given up; idle: when to ask again
	asked   int           // how often it has been asked since it last told of a master
	notYet  lease.Instant // after a refused Attach: when to try it again
	replica cell.ReplicaID
	cell    cell.CellID
	located call.Located
	epoch   cell.Epoch    // attaching: the one named
	sent    lease.Instant // attaching: when
	heard   lease.Instant
	holds   []call.HoldState // attaching: what the first pieces of the answer said
}

func (m *Machine) linkOf(id uint64) *link {
	for _, l := range m.finder.links {
		if l.id == id {
			return l
		}
	}
	return nil
}

func (m *Machine) connect(a *address) {
	f := &m.finder
	f.last++
	l := &link{id: f.last, address: a.name, phase: dialing, due: m.now.Add(a.patience(dialPatience))}
	f.links = append(f.links, l)
	m.out.Connects = append(m.out.Connects, Connect{l.id, a.name})
}

func (m *Machine) linkUp(id uint64) {
	l := m.linkOf(id)
	if l == nil || l.phase != dialing {
		return
	}
	m.send(l, &call.Hello{Format: cell.Format, Cell: m.cfg.Cell})
	m.locate(l)
}

func (m *Machine) locate(l *link) {
	patience := lease.Duration(answerPatience)
	if a := m.learn(l.address); a != nil {
		patience = a.patience(patience)
	}
	l.phase, l.due = asking, m.now.Add(patience)
	l.asked++
	m.send(l, &call.Locate{})
}

func (m *Machine) linkDown(id uint64, why string) {
	if l := m.linkOf(id); l != nil {
		m.forgetLink(l, fmt.Errorf("%w: %s", cell.ErrNoMaster, why))
	}
}

// giveUp closes a link, and remembers why.
func (m *Machine) giveUp(l *link, why error) {
	m.out.Closes = append(m.out.Closes, l.id)
	m.forgetLink(l, why)
}

// nonsense closes a link over which something came that a replica of ours never sends (B5).
func (m *Machine) nonsense(l *link, what string) {
	m.say(true, "%s sent nonsense: %s", l.address, what)
	m.giveUp(l, fmt.Errorf("%w: %s", cell.ErrProtocol, what))
}

func (m *Machine) forgetLink(l *link, why error) {
	f := &m.finder
	if a := m.learn(l.address); a != nil {
		a.failed(m, why)
	}
	f.links = slices.DeleteFunc(f.links, func(x *link) bool { return x == l })
	if l == f.current {
		f.current = nil
		m.keep.parked = false
		m.say(true, "session %v: lost %s: %v", m.id, l.address, why)
		f.hurry(m, l.address)
	}
}

// closeQuietly closes a link that is no longer needed.
func (m *Machine) closeQuietly(l *link) {
	f := &m.finder
	m.out.Closes = append(m.out.Closes, l.id)
	f.links = slices.DeleteFunc(f.links, func(x *link) bool { return x == l })
	if l == f.current {
		f.current = nil
		m.keep.parked = false
	}
}

// dropLinks closes every link but the one on which something is still to be said.
func (m *Machine) dropLinks() {
	for _, l := range slices.Clone(m.finder.links) {
		if m.leaving == nil || m.leaving.link != l {
			m.closeQuietly(l)
		}
	}
}

// received takes a message. Only the session's newest stream is heard as that; what other links
// bring beside words about who is master is dropped (C6).
func (m *Machine) received(id uint64, msg call.Message) {
	l := m.linkOf(id)
	if l == nil || m.ended() {
		return
	}
	l.heard = m.now
	switch msg := msg.(type) {
	case *call.Welcome:
		m.welcomed(l, msg)
	case *call.Located:
		m.located(l, msg)
	case *call.Refused:
		m.refused(l, msg)
	case *call.Created:
		m.created(l, msg)
	case *call.Attached:
		m.wasAttached(l, msg)
	default:
		if l == m.finder.current {
			m.fromMaster(msg)
		}
	}
}

// fromMaster takes what only the session's own stream brings.
func (m *Machine) fromMaster(msg call.Message) {
	switch msg := msg.(type) {
	case *call.KeepAliveReply:
		m.renewed(msg)
	case *call.Invalidate:
		m.invalidate(msg)
	case *call.CallReply:
		m.replied(msg)
	case *call.QueryReply:
		m.answered(msg)
	case *call.Granted:
		m.granted(msg)
	case *call.Settings:
		if m.ours(msg.Epoch, msg.Stream) {
			m.terms.Lengths, m.terms.Limits = msg.Settings.Lengths, msg.Settings.Limits
		}
	case *call.Taken:
		m.taken(msg)
	case *call.Dropped:
		m.dropped(msg)
	case *call.Events:
		m.events(msg)
	case *call.Ended:
		if msg.Session == m.id {
			m.expire(fmt.Errorf("%w: %s", cell.ErrSessionExpired, msg.Why), m.finder.current)
		}
	default:
		m.nonsense(m.finder.current, fmt.Sprintf("%T is not for a client", msg))
	}
}

// ours tells whether a message belongs to the stream and the mastership of now.
func (m *Machine) ours(e cell.Epoch, stream uint64) bool {
	return e == m.terms.Epoch && stream == m.finder.stream
}

func (m *Machine) welcomed(l *link, w *call.Welcome) {
	f := &m.finder
	switch {
	case w.Format != cell.Format:
		m.giveUp(l, fmt.Errorf("%w: it speaks format %d, this client %d", cell.ErrProtocol, w.Format, cell.Format))
	case m.cfg.Cell != "" && w.Cell != m.cfg.Cell:
		m.giveUp(l, fmt.Errorf("%w: it serves cell %q", cell.ErrWrongCell, w.Cell))
	case f.cell != (cell.CellID{}) && w.CellID != f.cell:
		m.giveUp(l, fmt.Errorf("%w: it serves another cell of the name %q", cell.ErrWrongCell, w.Cell))
	default:
		l.replica, l.cell = w.Replica, w.CellID
	}
}

func (m *Machine) located(l *link, w *call.Located) {
	l.located = *w
	if l.phase == asking {
		l.phase = idle
	}
	if a := m.learn(l.address); a != nil {
		a.failures, a.slow = 0, 0
		a.why = fmt.Errorf("%w: %s", cell.ErrNoMaster, whyNot(w))
	}
	most := askMost
	if m.attached() {
		most = askMostAttached
	}
	l.due = m.now.Add(m.noise.backoff(l.asked, most))
	if w.Client == "" || w.Master == l.replica {
		return
	}
	if a := m.learn(w.Client); a != nil {
		a.named = true
	}
}

// whyNot says in words why that is not yet a master to attach to.
func whyNot(w *call.Located) string {
	switch {
	case w.Master != 0:
		return fmt.Sprintf("it names replica %d at %s", w.Master, w.Client)
	case w.Why != "":
		return w.Why
	}
	return "it knows of none"
}

// refused: what was asked on this link cannot be served here.
func (m *Machine) refused(l *link, r *call.Refused) {
	err := r.Err()
	switch {
	case err == nil:
		m.nonsense(l, "a refusal without a code")
	case errors.Is(err, cell.ErrSessionExpired):
		if l.phase == attaching || l.phase == attached {
			m.expire(err, l)
		}
	case errors.Is(err, cell.ErrNoMaster) && l.phase == attaching && r.Epoch != 0 && r.Epoch != l.epoch:
		m.attach(l, r.Epoch) // it is the master, in another epoch (C5); a follower names the Zab epoch (Z13)
	case errors.Is(err, cell.ErrOverloaded) && l.phase == attaching:
		l.phase, l.due, l.epoch = idle, m.now.Add(m.noise.backoff(l.asked, askMost)), 0
		l.notYet = m.now.Add(m.retryAfter(err, l.asked)) // it is the master, and says when
		if a := m.learn(l.address); a != nil {
			a.why = err
		}
	case errors.Is(err, cell.ErrTooLarge) && m.id == 0:
		m.finder.full = err
		m.giveUp(l, err)
	case errors.Is(err, cell.ErrNoMaster) && l != m.finder.current:
		l.phase = asking
		m.located(l, &r.Located)
		l.notYet = m.now.Add(m.noise.backoff(l.asked, askMost))
		if a := m.learn(l.address); a != nil {
			a.why = err
		}
	default:
		m.giveUp(l, err)
	}
}
