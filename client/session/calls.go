package session

import (
	"errors"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// calls are the session's mutations (C7): numbered when first sent, resent with the same number
// until answered, in the order of their numbers.
type calls struct {
	last    uint64      // the newest number given out
	acked   uint64      // every number up to this one has been answered
	sent    []*mutation // numbered and unanswered, by number
	waiting []*mutation // not numbered yet
	closing *mutation   // CloseSession, once asked for
	records []int       // bytes that the record of each answer above acked may take
	bytes   int         // all of them
}

// mutation is one of them.
type mutation struct {
	id        uint64 // the host's; 0: the machine's own
	also      []uint64
	op        call.Op
	handle    *call.Handle
	number    uint64
	onStream  bool          // sent on the stream of now, and not refused there
	at        lease.Instant // when that was
	open      int           // sendings neither answered nor refused: while there are any, it may be applied
	retryAt   lease.Instant
	notBefore lease.Instant // a Delete: the Margins of what it ends are over
	refusals  int
	conflicts int
	abandoned bool  // nobody waits for it any more
	hold      *hold // of an Acquire or a Release
}

func (m *Machine) mutate(in Mutate) {
	if m.refuseNew(in.ID) {
		return
	}
	x := &mutation{id: in.ID, op: in.Op, handle: in.Handle}
	m.calls.waiting = append(m.calls.waiting, x)
	m.endDeleted(x)
}

// sendCalls sends, in the order of their numbers, what has not been sent on this stream, and
// numbers what waits as far as the window of unacked calls allows.
func (m *Machine) sendCalls() {
	c := &m.calls
	for _, x := range c.sent {
		if x.onStream {
			continue
		}
		if x.retryAt > m.now {
			return
		}
		m.sendCall(x)
	}
	for len(c.waiting) > 0 && c.room(c.waiting[0].op, m.terms.Limits.Unacked) {
		x := c.waiting[0]
		if _, back := x.op.(*call.Release); x.notBefore > m.now || m.state == Jeopardy && !back {
			return
		}
		c.waiting = c.waiting[1:]
		c.last++
		x.number = c.last
		c.records = append(c.records, call.RecordBytes(x.op))
		c.bytes += c.records[len(c.records)-1]
		m.nameDelay(x)
		c.sent = append(c.sent, x)
		m.sendCall(x)
	}
}

// room reports whether the cell has room to record another answer, by number and by bytes (C7).
func (c *calls) room(op call.Op, most int) bool {
	return c.last-c.acked < uint64(most) &&
		(len(c.records) == 0 || c.bytes+call.RecordBytes(op) <= call.MaxRecordBytes)
}

func (m *Machine) sendCall(x *mutation) {
	x.onStream, x.at = true, m.now
	x.open++
	m.send(m.finder.current, &call.Call{Epoch: m.terms.Epoch, Number: x.number, Acked: m.calls.acked, Op: x.op,
		Handle: x.handle})
}

// resend: a new stream has heard nothing yet.
func (c *calls) resend() {
	for _, x := range c.sent {
		x.onStream, x.retryAt = false, 0
	}
}

func (c *calls) oldestSent() lease.Instant {
	for _, x := range c.sent {
		if x.onStream {
			return x.at
		}
	}
	return lease.Never
}

func (c *calls) wakeAt(m *Machine) lease.Instant {
	if m.mayCall() {
		for _, x := range c.sent {
			if !x.onStream {
				return x.retryAt
			}
		}
		if len(c.waiting) > 0 && c.waiting[0].notBefore > m.now {
			return c.waiting[0].notBefore
		}
	}
	return lease.Never
}

func (m *Machine) replied(r *call.CallReply) {
	c := &m.calls
	i := slices.IndexFunc(c.sent, func(x *mutation) bool { return x.number == r.Number })
	if i < 0 || r.Epoch != m.terms.Epoch || !c.sent[i].onStream {
		return
	}
	x := c.sent[i]
	err := call.ErrorOf(r.Result.Code, r.Result.Message, r.Result.Limit, r.Result.RetryAfter)
	switch {
	case !r.Proposed && again(err):
		m.putOff(x, err)
	case errors.Is(err, cell.ErrSessionExpired):
		m.expire(err, m.finder.current)
	default:
		c.sent = slices.Delete(c.sent, i, i+1)
		m.ackUpTo()
		m.concluded(x, r.Result, err)
	}
}

// again: nothing happened, and the same may be tried again.
func again(err error) bool {
	return errors.Is(err, cell.ErrNoMaster) || errors.Is(err, cell.ErrOverloaded)
}

// putOff sends x again later. The refusal is of the sending on this stream only: one that got no
// answer on an older stream may still be proposed.
func (m *Machine) putOff(x *mutation, err error) {
	x.onStream = false
	x.open--
	x.refusals++
	x.retryAt = m.now.Add(m.retryAfter(err, x.refusals))
}

func (m *Machine) retryAfter(err error, refusals int) lease.Duration {
	var busy *cell.OverloadedError
	if errors.As(err, &busy) && busy.RetryAfter > 0 {
		return min(lease.Duration(busy.RetryAfter), 10*lease.Second)
	}
	return m.noise.backoff(refusals, backoffMost)
}

// ackUpTo moves the acked mark up to the lowest number that is unanswered.
func (m *Machine) ackUpTo() {
	c := &m.calls
	acked := c.last
	if len(c.sent) > 0 {
		acked = c.sent[0].number - 1
	}
	for ; c.acked < acked; c.acked++ {
		c.bytes -= c.records[0]
		c.records = c.records[1:]
	}
}

// concluded hands the outcome of an answered call to whoever asked.
func (m *Machine) concluded(x *mutation, r call.Result, err error) {
	if errors.Is(err, cell.ErrConflict) && x.conflicts < maxConflicts && x.awaited() {
		m.anew(x)
		return
	}
	m.deleteOver(x, err == nil)
	switch {
	case x == m.calls.closing:
		m.closed(Done{Err: err})
	case x.hold != nil:
		m.lockAnswered(x, r, err)
	case x.id != 0 && !x.abandoned:
		m.done(Done{ID: x.id, Err: err, Result: r})
	}
}

// awaited: somebody still waits for what becomes of x.
func (x *mutation) awaited() bool { return !x.abandoned && (x.hold == nil || !x.hold.cancelled) }

// anew sends what met ErrConflict again, under a new number (C11): behind the session's calls that were
// sent meanwhile, which nobody can tell, for who asked for these did so before x had returned. Releases
// stay in front (C4), and behind a close there is nothing.
func (m *Machine) anew(x *mutation) {
	x.conflicts++
	x.number, x.onStream, x.open = 0, false, 0
	if m.state == Closed {
		m.failCall(x, m.err)
		return
	}
	m.calls.insert(x)
}

// insert puts x before all that waits but Releases.
func (c *calls) insert(x *mutation) {
	at := slices.IndexFunc(c.waiting, func(w *mutation) bool {
		_, back := w.op.(*call.Release)
		return !back
	})
	if at < 0 {
		at = len(c.waiting)
	}
	c.waiting = slices.Insert(c.waiting, at, x)
}

// cancelCall ends the waiting for a mutation. Unsent, or refused each time and with no later
// number given out, it never happened and never will; else it goes on: the session's later calls
// stand behind its number.
func (m *Machine) cancelCall(id uint64) bool {
	c := &m.calls
	for i, x := range c.waiting {
		if x.id == id && x.hold == nil && x != c.closing {
			c.waiting = slices.Delete(c.waiting, i, i+1)
			m.deleteOver(x, false)
			m.done(Done{ID: id, Cancelled: true, Outcome: x.outcome()})
			return true
		}
	}
	for _, x := range c.sent {
		if x.id != id || x.hold != nil || x == c.closing || x.abandoned {
			continue
		}
		if x.open == 0 && x.number == c.last {
			c.sent, c.last = c.sent[:len(c.sent)-1], c.last-1
			c.bytes -= c.records[len(c.records)-1]
			c.records = c.records[:len(c.records)-1]
			m.deleteOver(x, false)
			m.done(Done{ID: id, Cancelled: true})
			return true
		}
		x.abandoned = true
		m.done(Done{ID: id, Cancelled: true, Outcome: Unknown})
		return true
	}
	return false
}

func (x *mutation) outcome() Outcome {
	if x.open > 0 {
		return Unknown
	}
	return NotApplied
}

func (m *Machine) failCall(x *mutation, why error) {
	if x.id != 0 && !x.abandoned && x.hold == nil && x != m.calls.closing {
		m.done(Done{ID: x.id, Err: why, Outcome: x.outcome()})
	}
}
