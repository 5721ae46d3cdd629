package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Txn is one transaction. It is encoded once, by the master; Apply reads it and the tree,
// nothing else (Z17).
type Txn struct {
	Time    int64          // wall clock at admission, unix nanoseconds: shown, never compared
	Names   []cell.Name    // every name it may change (C11), rising; see Plan
	Session cell.SessionID // 0: the master's own
	Call    uint64         // the session's call number, from 1 (C7); 0 with Session 0
	Acked   uint64         // the session's acked mark
	// Principal is whose session it is: another than the session was opened with is refused. "" with
	// Session 0.
	Principal string
	Op        Op // an op of package call (then Session is not 0), or one of this package
}

// Op is what a transaction does: one of the ops of package call, or Marker, Birth, Bind, Raise,
// OpenSession, MarkCaching, UnmarkCaching, Allow, MarkSilent, HeardAgain, Age, EndSessions, Quit, Reap,
// Perish, EndDelays, BreakOverdue. All of them are pointers to structs.
type Op interface {
	// Invalid says why the op is nonsense, or "".
	Invalid() string
}

// Marker changes nothing: it is the first transaction of a mastership (Z8), and a point of the history
// at which every replica reports its digest (Z14), as it is now: none is carried. What is carried is
// of an earlier point.
type Marker struct {
	Agreed   uint64 // index of the newest point at which a quorum reported alike; 0: none is known
	Digest   uint64 // what it reported
	Disputed bool   // for too long no quorum has reported alike
	From     Place  // where the stretch of the tree begins that is read anew at this point
}

// Raise raises the cell's format, which every member has said it can (Z16). To one that this version
// does not know no replica goes on.
type Raise struct{ Format uint32 }

// Birth is the first transaction of a cell: it makes the root /ls/CELL and sets what the cell
// keeps in its tree. In a cell that is born it is refused.
type Birth struct {
	Cell    string
	ID      cell.CellID
	Members cell.Members
	Lengths cell.Lengths
	Limits  cell.Limits
	Format  uint32
	// HandleKey is random: with it the check digits of handles are made, and nobody else has it (B1).
	HandleKey [32]byte
	// Admin is the cell's first administrator; "" is whoever is anonymous.
	Admin string
}

// Bind replaces the member list whole (Z11, Z15). Who may be in it is the master's to know.
type Bind struct{ Members cell.Members }

// OpenSession makes a session, whose id is the transaction's zxid. The same KeyHash again gives
// the same session (C7). Identity, Principal and Address are shown, and prove nothing here.
type OpenSession struct {
	KeyHash                      [32]byte
	Identity, Principal, Address string
}

// MarkCaching logs that these sessions may cache (C5). Unknown ones are passed over.
type MarkCaching struct{ Sessions []cell.SessionID }

// UnmarkCaching logs that these sessions cache nothing: from its proposal on their master lets them cache
// nothing before they are marked anew (C5). Unknown ones are passed over. Rising.
type UnmarkCaching struct{ Sessions []cell.SessionID }

// Allow sets what leases may be running: raised before longer ones are granted, lowered when all
// longer ones have ended (L6). Never below the cell's lengths.
type Allow struct{ SessionLease, CacheLease lease.Duration }

// MarkSilent logs that sessions have been silent for half of their lease, and what is left of it:
// from its proposal on their master grants them nothing (L6). Unknown ones are passed over. Rising.
type MarkSilent struct{ Sessions []SilentSession }

// SilentSession is a session, and the rest of its lease.
type SilentSession struct {
	Session cell.SessionID
	Rest    lease.Duration
}

// HeardAgain takes the mark of silence back: they may be granted something again. Rising.
type HeardAgain struct{ Sessions []cell.SessionID }

// EndSessions marks sessions as ended: they expired, for the reason Why. Their holds end, with
// the lock-delay that each asked for (C3), their waiters leave, and their calls are refused from
// then on. Their ephemerals go by Reap. Of one that was killed before, what was taken ends in the
// same way. Unknown ones are passed over. Rising.
type EndSessions struct {
	Sessions []cell.SessionID
	Why      string
}

// Quit is the acknowledgement of a killed session's client: what was taken from it comes free at
// once. A session that is alive or unknown is passed over.
type Quit struct{ Session cell.SessionID }

// BreakOverdue takes holds that have lasted as long as their MaxHold. Unknown ones are passed over.
// Rising by name, then number.
type BreakOverdue struct{ Holds []HoldKey }

// HoldKey names one hold.
type HoldKey struct {
	Name cell.Name
	Hold uint64
}

// Reap deletes ephemerals of an ended session. When it has nothing left, which also a Reap without
// Names finds out, the session's record goes, unless Keep says that it counts as cacher or holder.
// A name that is no free ephemeral of that session is passed over. Rising.
type Reap struct {
	Session cell.SessionID
	Names   []cell.Name
	Keep    bool
}

// EndDelays ends lock-delays, and grants to who waits for them. Unknown ones are passed over.
// Rising by name, then token.
type EndDelays struct{ Locks []DelayKey }

// DelayKey names one lock-delay in progress. Token is the zxid of the transaction that began it
// (by ending holds), not that of a grant: a lock may be in several, begun one after another.
type DelayKey struct {
	Name  cell.Name
	Token uint64
}

// Kind is what the replication layer must know of the transaction.
func (t Txn) Kind() record.Kind {
	switch t.Op.(type) {
	case *Birth, *Bind:
		return record.Members
	}
	return record.Normal
}
