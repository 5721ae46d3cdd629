package tree

import (
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// Lock describes the lock of a node, also when it is idle, with at most most of its holders and
// of its waiters, and its history. DelayLeft is 0 and LeaseLeft −1: the master knows them.
func (s *state) Lock(name cell.Name, most int) (call.LockInfo, bool) {
	n := s.node(name)
	if n == nil {
		return call.LockInfo{}, false
	}
	info := call.LockInfo{Name: name, Generation: n.extras().lockGeneration}
	if l, busy := s.locks.Get(name); busy {
		info = s.lockInfo(l, n, 0, min(most, len(l.holders)), 0, min(most, len(l.queue)))
	}
	info.History = n.extras().past.shown()
	return info, true
}

// LockPage asks for locks in pieces of bounded size: those at Prefix and below, behind After; with Told, After's
// own are gone on with, so many of its holders and waiters being known. One asks for Prefix alone. A page has
// about Bytes, and at least one holder, waiter or lock.
type LockPage struct {
	Prefix, After cell.Name
	One           bool
	Told          int
	Bytes         int
	Principal     string // only those are told that it may see
}

// rough is about how many bytes a lock, a holder or a waiter takes beside its strings.
const rough = 96

// Locks describes the locks that are held, in delay or waited for, in order of name, each as Lock does. more says
// that the page is full; told is then how much of its last lock is in it and the pages before, 0: all.
func (t *Tree) Locks(p LockPage) (out []call.LockInfo, told int, more bool) {
	s := &t.state
	add := func(name cell.Name, l *lock) bool {
		if !p.One && !t.may(p.Principal, name, known) { // who asks for One was let in before
			return true
		}
		if more = p.Bytes <= 0; more {
			return false
		}
		info, upto := s.lockPiece(l, p.Told, &p.Bytes)
		p.Told = 0
		if out = append(out, info); upto < len(l.holders)+len(l.queue) {
			told, more = upto, true
		}
		return !more
	}
	from := p.After
	if p.Told == 0 && from != "" {
		from += "\x00" // behind it
	}
	if l, busy := s.locks.Get(p.Prefix); busy && from <= p.Prefix && !add(p.Prefix, l) || p.One {
		return out, told, more
	}
	below := string(p.Prefix) + "/"
	s.locks.Ascend(max(cell.Name(below), from), func(k cell.Name, l *lock) bool {
		if k != p.After {
			p.Told = 0
		}
		return under(below, k) && add(k, l)
	})
	return out, told, more
}

// lockPiece describes a lock from its holder or waiter number told on, until bytes are used up; it gives how many
// are told then.
func (s *state) lockPiece(l *lock, told int, bytes *int) (call.LockInfo, int) {
	all := slices.Concat(l.holders, l.queue)
	upto := min(told, len(all))
	*bytes -= rough + len(l.name)
	for first := upto; upto < len(all) && (upto == first || *bytes > 0); upto++ {
		h := all[upto]
		x := s.session(h.session)
		*bytes -= rough + len(l.name) + len(x.identity) + len(x.principal) + len(x.address) + len(h.note)
	}
	holders, waiters := len(l.holders), len(l.queue)
	return s.lockInfo(l, s.node(l.name), min(told, holders), min(upto, holders),
		min(max(told-holders, 0), waiters), max(upto-holders, 0)), upto
}

// lockInfo describes a lock with its holders from one number to another, and its waiters.
func (s *state) lockInfo(l *lock, n *node, holder, holders, waiter, waiters int) call.LockInfo {
	info := call.LockInfo{Name: l.name, Mode: l.held(), Generation: n.extras().lockGeneration}
	for _, h := range l.holders[holder:holders] {
		x := s.session(h.session)
		info.Holders = append(info.Holders, call.Holder{
			Session: h.session, Identity: x.identity, Principal: x.principal, Address: x.address,
			Note: h.note, Since: cell.Wall(h.granted), Sequencer: l.sequencer(h), LeaseLeft: -1, Loss: h.loss,
		})
	}
	for _, h := range l.queue[waiter:waiters] {
		x := s.session(h.session)
		info.Waiters = append(info.Waiters, call.Waiter{
			Session: h.session, Identity: x.identity, Principal: x.principal, Mode: h.mode, Since: cell.Wall(h.asked),
		})
	}
	return info
}

// Delays are all lock-delays in progress, in order of name and token. A new master counts each
// again in full (C3).
func (s *state) Delays() []Delay {
	var out []Delay
	s.locks.Scan(func(name cell.Name, l *lock) bool {
		for _, d := range l.delays {
			out = append(out, Delay{Key: DelayKey{name, d.token}, Length: d.length, Shared: d.shared})
		}
		return true
	})
	return out
}

// CheckSequencer reports whether the hold that q names still stands, in every part (C2).
func (s *state) CheckSequencer(q cell.Sequencer) bool {
	l, ok := s.locks.Get(q.Name)
	if !ok || l.instance != q.Instance || q.Grant == 0 {
		return false
	}
	i, ok := place(l.holders, q.Hold)
	if !ok || l.holders[i].loss.Taken() {
		return false // a taken hold fails every check (C1)
	}
	return l.holders[i].token == q.Grant && l.holders[i].mode == q.Mode
}

// HoldCount is how many acquires a session has, held and waiting.
func (t *Tree) HoldCount(id cell.SessionID) int {
	return t.tiesOf(id).holds.Len()
}

// HoldOf is the session's acquire of that number, if it is held or waits.
func (t *Tree) HoldOf(id cell.SessionID, number uint64) (call.HoldState, bool) {
	name, ok := t.tiesOf(id).holds.Get(number)
	if !ok {
		return call.HoldState{}, false
	}
	l, _ := t.locks.Get(name)
	return l.holdState(l.find(number)), true
}

// Holds are all acquires of a session, held and waiting, by number.
func (t *Tree) Holds(id cell.SessionID) []call.HoldState {
	var out []call.HoldState
	t.tiesOf(id).holds.Scan(func(number uint64, name cell.Name) bool {
		l, _ := t.locks.Get(name)
		out = append(out, l.holdState(l.find(number)))
		return true
	})
	return out
}
