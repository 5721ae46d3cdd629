package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Applied is what one Apply did. It is the same on every replica. Its slices are the caller's.
type Applied struct {
	Mark     record.Mark
	Txn      Txn              // its Op is nil if that was nonsense
	Result   call.Result      // of the session's call, or of the master's own op
	Replayed bool             // Result is answered from a record: nothing was changed (C7)
	Changes  []Change         // in the order in which they happened
	Grants   []Grant          // to those who waited; an Acquire granted at once is in Result only
	Drops    []Drop           // acquires that a Delete ended
	Delays   []Delay          // lock-delays that began
	Taken    []TakenHold      // holds that were taken from alive sessions
	Timed    []TimedHold      // granted with a MaxHold
	Over     []HoldKey        // holds that are gone and were taken or had a MaxHold
	Ended    []cell.SessionID // marked as ended, rising
	Opened   cell.SessionID   // by OpenSession: the new session, or the one that has the key already
	Gone     cell.SessionID   // by Reap: the session whose record went
	Members  bool             // the member list changed
	Settings bool             // the cell's lengths or limits changed
	Raised   bool             // the cell's format rose
	ACLs     []ACLChange      // what ACLs list now, and did before
	Fatal    string           // Z16: the replica stops with this line; nothing was applied
}

// Return is called by who has no use for a any more: the next Apply may take its memory.
func (t *Tree) Return(a *Applied) {
	if cap(a.Changes) <= mostLent {
		clear(a.Changes)
		t.lent = a.Changes[:0]
	}
	*a = Applied{}
}

// mostLent is for how many changes memory is kept.
const mostLent = 16

// Point reports whether every replica reports its digest after this transaction (Z14): at a Marker, and
// at the first of an epoch, whatever it is. From is where the stretch begins that is read anew.
func (a *Applied) Point() (from Place, ok bool) {
	if m, is := a.Txn.Op.(*Marker); is && a.Result.Code == 0 {
		return m.From, true
	}
	return Place{}, a.Mark.Zxid.Counter() == 1
}

// Change is one change of a node, with the contents of that change: EventCreated, EventModified,
// EventDeleted (the last Stat, no contents), EventChildren (the parent's Stat, no contents). Those of
// a lock have the Stat of its node, which has not changed.
type Change struct {
	call.Event
	ACL *cell.ACL // the node's names from then on; nil: everybody may read it
	Was *cell.ACL // with EventACL: its names before
}

// Grant tells that a waiter now holds its lock.
type Grant struct {
	Session cell.SessionID
	State   call.HoldState
}

// Drop tells that a waiter has left the queue, or with Held that a hold has ended, and why: the
// node was deleted (ErrStaleHandle). The holds and waiters of ended sessions end without one.
type Drop struct {
	Session cell.SessionID
	Hold    uint64
	Name    cell.Name
	Held    bool
	Code    cell.Code
}

// TakenHold is a hold that its session has lost and not given back yet (C1).
type TakenHold struct {
	Key     HoldKey
	Session cell.SessionID
	Loss    call.Loss
	Margin  lease.Duration
}

// TimedHold is a hold that the cell takes when it has lasted for Length.
type TimedHold struct {
	Key    HoldKey
	Length lease.Duration
}

// Delay is a lock-delay in progress: the lock is kept from everybody, or if Shared from exclusive
// holds only, for Length from when its beginning was applied (C3).
type Delay struct {
	Key    DelayKey
	Length lease.Duration
	Shared bool
}
