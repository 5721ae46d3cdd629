package cell

import "time"

// Lengths are the durations another machine counts on: the cell's, set at birth, kept in the
// tree (L3). DriftPPM bounds any two clocks against each other, in millionths.
type Lengths struct {
	MasterLease, SessionLease, SessionLeaseMax, CacheLease, LockDelay, LockDelayMax time.Duration
	DriftPPM                                                                        int64
}

// DefaultLengths are those of a cell whose files say nothing else.
func DefaultLengths() Lengths {
	return Lengths{
		MasterLease: 500 * time.Millisecond, SessionLease: 12 * time.Second,
		SessionLeaseMax: 60 * time.Second, CacheLease: 3 * time.Second,
		LockDelay: 5 * time.Second, LockDelayMax: 60 * time.Second, DriftPPM: 10_000,
	}
}

// Invalid says why the lengths make no sense, or "".
func (l Lengths) Invalid() string {
	switch {
	case l.MasterLease < 50*time.Millisecond || l.MasterLease > 10*time.Second:
		return "master_lease must lie between 50ms and 10s"
	case l.SessionLease < time.Second || l.SessionLease > 10*time.Minute:
		return "session_lease must lie between 1s and 10m"
	case l.SessionLeaseMax < l.SessionLease || l.SessionLeaseMax > 10*time.Minute:
		return "session_lease_max must lie between session_lease and 10m"
	case l.CacheLease < 100*time.Millisecond || l.CacheLease > l.SessionLease:
		return "cache_lease must lie between 100ms and session_lease"
	case l.LockDelay < 0 || l.LockDelay > l.LockDelayMax:
		return "lock_delay must lie between 0 and lock_delay_max"
	case l.LockDelayMax < 0 || l.LockDelayMax > time.Hour:
		return "lock_delay_max must lie between 0 and 1h"
	case l.DriftPPM < 0 || l.DriftPPM > 200_000:
		return "drift must lie between 0 and 0.2"
	}
	return ""
}

// Limits are the bounds of rule B2 that are the cell's, in the tree (Z17): Apply enforces them, but
// for the rates, which the master minds before anything is proposed (B3).
type Limits struct {
	// Name is in bytes, Depth in components: of names that are made.
	Name, Depth int

	Value, Children, Nodes, Sessions, Handles, Watches, Waiters, Unacked, WatchEvents int

	Bytes      int // of all contents and names together
	Ephemerals int // of one session

	// What is asked in a second, and bytes of contents that come and go with it, of one session, and
	// of all that belongs to one principal. Who shows no certificate counts by its host.
	SessionRate, SessionBytes, PrincipalRate, PrincipalBytes int
}

// DefaultLimits are those of a cell whose files say nothing else.
func DefaultLimits() Limits {
	return Limits{
		Name: MaxNameBytes, Depth: MaxNameDepth, Bytes: 4 << 30, Ephemerals: 10_000,
		SessionRate: 5_000, SessionBytes: 64 << 20, PrincipalRate: 100_000, PrincipalBytes: 512 << 20,
		Value: 256 << 10, Children: 100_000, Nodes: 2_000_000, Sessions: 100_000,
		Handles: 10_000, Watches: 1_000, Waiters: 10_000, Unacked: 256, WatchEvents: 1_024,
	}
}

// Member is one replica in the replicated list.
type Member struct {
	ID                 ReplicaID
	Incarnation        Incarnation // 0: not bound yet (Z11)
	Client, Peer, HTTP string      // host:port
}

// Members is the list of replicas, sorted by id.
type Members []Member

// MaxMembers bounds a member list; a longer one is refused where lists are decoded.
const MaxMembers = 15

// Find gives the member with that id.
func (m Members) Find(id ReplicaID) (Member, bool) {
	for _, x := range m {
		if x.ID == id {
			return x, true
		}
	}
	return Member{}, false
}

// Without is the list but for the member with that id: another list, which the caller may change.
func (m Members) Without(id ReplicaID) Members {
	list := make(Members, 0, len(m)+1)
	for _, x := range m {
		if x.ID != id {
			list = append(list, x)
		}
	}
	return list
}

// With is the list with x in its place, for whichever member bore that id: another list.
func (m Members) With(x Member) Members {
	list, at := m.Without(x.ID), 0
	for at < len(list) && list[at].ID < x.ID {
		at++
	}
	list = append(list, Member{})
	copy(list[at+1:], list[at:])
	list[at] = x
	return list
}

// Equal reports whether both lists say the same of the same replicas.
func (m Members) Equal(o Members) bool {
	if len(m) != len(o) {
		return false
	}
	for i := range m {
		if m[i] != o[i] {
			return false
		}
	}
	return true
}

// Format is the highest version of what this program writes: records, snapshots, frames (Z16). It is in
// the first byte of each. A cell's own is in its tree: at least OldestFormat, and no more than every
// member knows.
const (
	Format       = 1
	OldestFormat = 1
)

// Span is a length in nanoseconds as a time.Duration, for packages that do not know time.
func Span[N ~int64](nanoseconds N) time.Duration { return time.Duration(nanoseconds) }
