package tree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// ending is a hold or waiter that ended with its session: the delay is 0 where none begins.
type ending struct {
	name   cell.Name
	delay  lease.Duration
	shared bool
	held   bool
}

// endSessions marks sessions as ended (C11) and ends all they hold and wait for: lost, so with
// the lock-delays they asked for, or cleanly. Of one that has ended already, killed, it ends what
// was taken and not given back.
func (t *Tree) endSessions(a *Applied, ids []cell.SessionID, why string, lost bool) {
	var ends []ending
	for _, id := range ids {
		x := t.session(id)
		if x == nil {
			continue
		}
		if !x.ended {
			t.endSession(a, id, why)
		}
		how := call.EndClosed
		if lost {
			how = call.EndExpired
		}
		ends = t.endHolds(a, ends, id, how)
	}
	t.settleAll(a, ends)
}

func (t *Tree) endSession(a *Applied, id cell.SessionID, why string) {
	x := t.ownSession(id)
	x.ended, x.why = true, why
	t.keepSession(x)
	a.Ended = append(a.Ended, id)
}

// settleAll settles each lock in which something has ended.
func (t *Tree) settleAll(a *Applied, ends []ending) {
	slices.SortStableFunc(ends, func(a, b ending) int { return strings.Compare(string(a.name), string(b.name)) })
	for len(ends) > 0 {
		of := 1
		for of < len(ends) && ends[of].name == ends[0].name {
			of++
		}
		t.settle(a, ends[:of])
		ends = ends[of:]
	}
}

// endHolds takes all holds and waiters of a session out of their locks. Delays and grants are
// left to settle.
func (t *Tree) endHolds(a *Applied, ends []ending, id cell.SessionID, how call.HoldEnd) []ending {
	own := t.tiesOf(id)
	for number, name, ok := own.holds.Min(); ok; number, name, ok = own.holds.Min() {
		l := t.ownLock(t.node(name))
		h := l.find(number)
		e := ending{name: name, shared: h.mode == cell.Shared, held: h.token != 0}
		if e.held && how == call.EndExpired {
			e.delay = lease.Duration(h.delay)
		}
		t.removeHold(a, l, h)
		t.remember(l, h, how, a.Txn.Time)
		t.keepLock(l)
		ends = append(ends, e)
	}
	return ends
}

// settle begins the lock-delay of one lock, the longest that a lost hold asked for, and then
// grants. Holds of one lock have one mode, so one delay says it all.
func (t *Tree) settle(a *Applied, ends []ending) {
	longest := slices.MaxFunc(ends, func(a, b ending) int { return int(a.delay - b.delay) })
	l := t.ownLock(t.node(longest.name))
	t.unlocked(a, l, slices.ContainsFunc(ends, func(e ending) bool { return e.held }))
	if longest.delay > 0 {
		t.addDelay(a, l, longest.delay, longest.shared)
	}
	t.grant(a, l)
	t.keepLock(l)
}

// admitSession refuses a session over the limit, and one whose key belonged to an ended session.
func (t *Tree) admitSession(o *OpenSession) error {
	if id, ok := t.keys[o.KeyHash]; ok {
		if x := t.session(id); x.ended {
			return errEnded(id, x.why)
		}
		return nil
	}
	if got := t.sessions.Len() + 1; got > t.limits.Sessions {
		return &cell.LimitError{Limit: "sessions", Most: t.limits.Sessions, Got: got}
	}
	return nil
}

func (t *Tree) open(a *Applied, o *OpenSession) {
	if id, ok := t.keys[o.KeyHash]; ok {
		a.Opened, a.Replayed = id, true
		return
	}
	a.Opened = cell.SessionID(t.mark.Zxid)
	t.addSession(&session{id: a.Opened, keyHash: o.KeyHash, identity: o.Identity, principal: o.Principal,
		address: o.Address, created: a.Txn.Time})
}

func (t *Tree) setCaching(ids []cell.SessionID, caching bool) {
	for _, id := range ids {
		if x := t.session(id); x != nil && x.caching != caching {
			x = t.ownSession(id)
			x.caching = caching
			t.keepSession(x)
		}
	}
}

// String is NAME@TOKEN.
func (k DelayKey) String() string { return fmt.Sprintf("%s@%d", k.Name, k.Token) }
