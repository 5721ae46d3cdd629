package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/record"
)

// Apply applies the next record of the history: the one door by which the tree changes. The same
// bytes give the same result on every replica (Z17). Nonsense is refused and changes nothing; a
// record that this version cannot read gives Fatal, and the tree stays as it was (Z16).
func (t *Tree) Apply(r record.Record) Applied {
	defer nameBroken(r.Zxid)
	tx, bad, err := decode(r.Payload)
	return t.apply(r, tx, bad, err)
}

// ApplyDecoded is Apply by who has the payload's transaction as Decode gave it; it is the tree's from
// now on.
func (t *Tree) ApplyDecoded(r record.Record, tx Txn) Applied {
	defer nameBroken(r.Zxid)
	return t.apply(r, tx, nil, nil)
}

func (t *Tree) apply(r record.Record, tx Txn, bad, err error) Applied {
	cell.Assert(r.Index == t.mark.Index+1 && r.Zxid > t.mark.Zxid, "record %v applied after %v", r.Mark(), t.mark)
	a := Applied{Mark: r.Mark(), Changes: t.lent}
	t.lent = nil
	if err == nil && r.Kind != tx.Kind() {
		err = unknownFormat(fmt.Sprintf("kind %d, and its payload says %d", r.Kind, tx.Kind()))
	}
	if err == nil {
		err = t.knows(tx.Op)
	}
	if err != nil {
		a.Fatal = fmt.Sprintf("transaction %v cannot be applied: %v; it comes from a newer version or is damaged: "+
			"run a version that knows it, or rebuild this replica from its peers", r.Zxid, err)
		return a
	}
	a.Txn, t.mark = tx, r.Mark()
	if tx.Session != 0 {
		t.applyCall(&a, bad)
	} else {
		a.Result = t.run(&a, bad)
	}
	t.history.add(a.Changes)
	return a
}

// nameBroken lets a replica that dies of a broken invariant name the transaction (B5).
func nameBroken(z cell.Zxid) {
	if p := recover(); p != nil {
		panic(fmt.Sprintf("applying transaction %v: %v", z, p))
	}
}

// applyCall applies a session's call once (C7).
func (t *Tree) applyCall(a *Applied, bad error) {
	x := t.session(a.Txn.Session)
	if x == nil {
		a.Result = t.fail(errEnded(a.Txn.Session, ""))
		return
	}
	if done := x.recorded(a.Txn.Call); done != nil {
		a.Result, a.Replayed = done.result, true
		return
	}
	if err := x.takes(&a.Txn, t.limits); err != nil {
		a.Result = t.fail(err)
		return
	}
	a.Result = t.run(a, bad)
	t.answer(a.Txn, a.Result)
}

// takes says whether the session takes a call that it has no record of.
func (x *session) takes(tx *Txn, limits cell.Limits) error {
	switch {
	case x.ended:
		return errEnded(x.id, x.why)
	case tx.Principal != x.principal:
		return fmt.Errorf("%w: session %v is of %s, not of %s", cell.ErrDenied, x.id, x.principal, tx.Principal)
	case tx.Call <= x.lastCall:
		return fmt.Errorf("%w: call %d of session %v is not above its last, %d, and its record is gone",
			cell.ErrProtocol, tx.Call, x.id, x.lastCall)
	}
	acked, unacked, bytes := max(x.acked, tx.Acked), 1, call.RecordBytes(tx.Op)
	for i := len(x.answers) - 1; i >= 0 && x.answers[i].call > acked; i-- {
		unacked++
		bytes += x.answers[i].bytes
	}
	if unacked > 1 && bytes > call.MaxRecordBytes {
		return &cell.LimitError{Limit: "bytes of unacked answers", Most: call.MaxRecordBytes, Got: bytes}
	}
	if unacked > limits.Unacked {
		return &cell.LimitError{Limit: "unacked", Most: limits.Unacked, Got: unacked}
	}
	return nil
}

// answer records the result of a call, and forgets the records below the acked mark.
func (t *Tree) answer(tx Txn, r call.Result) {
	x := t.ownSession(tx.Session)
	x.acked = max(x.acked, tx.Acked)
	passed, fresh := 0, (*answer)(nil)
	for passed < len(x.answers) && x.answers[passed].call < x.acked {
		gone := x.answers[passed]
		if t.sum -= gone.sum; gone.life == t.life {
			fresh = gone
		}
		passed++
	}
	x.answers = slices.Delete(x.answers, 0, passed)
	r.Lock = nil
	if fresh == nil {
		fresh = &answer{}
	}
	*fresh = answer{life: t.life, call: tx.Call, result: r, bytes: r.Recorded()}
	fresh.sum = fresh.hash(x.id)
	t.sum += fresh.sum
	x.answers = append(x.answers, fresh)
	x.lastCall = tx.Call
	t.keepSession(x)
}

// run decides about the transaction's op and does it, or refuses.
func (t *Tree) run(a *Applied, bad error) call.Result {
	if bad != nil {
		return t.fail(bad)
	}
	d, err := t.decide(&a.Txn)
	if err == nil {
		err = a.Txn.carries(d.names)
	}
	if err != nil {
		return t.fail(err)
	}
	r := call.Result{Zxid: t.mark.Zxid}
	t.do(a, &d, &r)
	for i := range a.Changes { // the other half of carries (C11)
		if a.Changes[i].Kind.OfLock() {
			continue // a lock is no part of its node's Stat
		}
		if name := a.Changes[i].Name; !a.Txn.carried(name) && !d.covers(name) {
			cell.Assert(false, "%v changed %s, which it did not carry", t.mark, name)
		}
	}
	return r
}

// do does what decide has found possible.
func (t *Tree) do(a *Applied, d *decision, r *call.Result) {
	switch o := a.Txn.Op.(type) {
	case *call.Create:
		r.Stat = t.makeNodes(a, d, made{o.Contents, o.Ephemeral, o.Lasting, o.ACL})
	case *call.Write:
		r.Stat = t.write(a, d, o)
	case *call.Delete:
		r.Stat = t.remove(a, d.target)
	case *call.Acquire:
		t.acquire(a, d, o, r)
	case *call.Release:
		t.release(a, o)
	case *call.Txn:
		t.doTxn(a, d, o, r)
	case *call.CloseSession:
		t.endSessions(a, []cell.SessionID{a.Txn.Session}, "closed", false)
	case *call.SetACL:
		r.Stat = t.setACL(a, o)
	case *call.Break:
		t.breakHolds(a, o)
	case *call.Kill:
		t.kill(a, o.Session)
	case *call.Set:
		t.set(a, o)
	case *Allow:
		t.granted = cell.Granted{SessionLease: cell.Span(o.SessionLease), CacheLease: cell.Span(o.CacheLease)}
	case *Age:
		t.age = Age{max(t.age.Passed, o.Passed), max(t.age.Upto, o.Upto)}
	case *MarkSilent:
		t.markSilent(o)
	case *HeardAgain:
		t.heardAgain(o)
	case *BreakOverdue:
		t.breakOverdue(a, o)
	case *Quit:
		t.quit(a, o.Session)
	case *EndSessions:
		t.endSessions(a, o.Sessions, o.Why, true)
	case *Reap:
		t.reap(a, d, o)
	case *Perish:
		t.perish(a, d)
	case *EndDelays:
		t.endDelays(a, o.Locks)
	case *OpenSession:
		t.open(a, o)
	case *MarkCaching:
		t.setCaching(o.Sessions, true)
	case *UnmarkCaching:
		t.setCaching(o.Sessions, false)
	case *Birth:
		t.birth(a, o)
	case *Bind:
		t.members, a.Members = o.Members, true
	case *Raise:
		t.format, a.Raised = o.Format, true
	}
}

func (t *Tree) fail(err error) call.Result {
	r := call.Fail(err)
	r.Zxid = t.mark.Zxid
	return r
}

func errEnded(id cell.SessionID, why string) error {
	if why == "" {
		return fmt.Errorf("%w: there is no session %v", cell.ErrSessionExpired, id)
	}
	return fmt.Errorf("%w: session %v has ended: %s", cell.ErrSessionExpired, id, why)
}
