package tree

import (
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
		info = s.lockInfo(l, n, most)
	}
	info.History = n.extras().past.shown()
	return info, true
}

// Locks describes the locks at prefix and below that are held, in delay or waited for, in order
// of name, each as Lock does: those that the principal may see. ok is false when there are more than
// most of them, their holders and waiters counted too: it has stopped there.
func (t *Tree) Locks(principal string, prefix cell.Name, most int) (out []call.LockInfo, ok bool) {
	s := &t.state
	add := func(name cell.Name, l *lock) bool {
		if !t.may(principal, name, known) {
			return true
		}
		if most -= 1 + len(l.holders) + len(l.queue); most < 0 {
			return false
		}
		out = append(out, s.lockInfo(l, s.node(name), len(l.holders)+len(l.queue)))
		return true
	}
	if l, busy := s.locks.Get(prefix); busy {
		add(prefix, l)
	}
	below := string(prefix) + "/"
	s.locks.Ascend(cell.Name(below), func(k cell.Name, l *lock) bool { return under(below, k) && add(k, l) })
	return out, most >= 0
}

func (s *state) lockInfo(l *lock, n *node, most int) call.LockInfo {
	info := call.LockInfo{Name: l.name, Mode: l.held(), Generation: n.extras().lockGeneration}
	for _, h := range l.holders[:min(most, len(l.holders))] {
		x := s.session(h.session)
		info.Holders = append(info.Holders, call.Holder{
			Session: h.session, Identity: x.identity, Principal: x.principal, Address: x.address,
			Note: h.note, Since: cell.Wall(h.granted), Sequencer: l.sequencer(h), LeaseLeft: -1, Loss: h.loss,
		})
	}
	for _, h := range l.queue[:min(most, len(l.queue))] {
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
	if x := t.ties[id]; x != nil {
		return x.holds.Len()
	}
	return 0
}

// HoldOf is the session's acquire of that number, if it is held or waits.
func (t *Tree) HoldOf(id cell.SessionID, number uint64) (call.HoldState, bool) {
	x := t.ties[id]
	if x == nil {
		return call.HoldState{}, false
	}
	name, ok := x.holds.Get(number)
	if !ok {
		return call.HoldState{}, false
	}
	l, _ := t.locks.Get(name)
	return l.holdState(l.find(number)), true
}

// Holds are all acquires of a session, held and waiting, by number.
func (t *Tree) Holds(id cell.SessionID) []call.HoldState {
	var out []call.HoldState
	if x := t.ties[id]; x != nil {
		x.holds.Scan(func(number uint64, name cell.Name) bool {
			l, _ := t.locks.Get(name)
			out = append(out, l.holdState(l.find(number)))
			return true
		})
	}
	return out
}
