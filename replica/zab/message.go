package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Message is what replicas say to each other: one of the structs of this package's message
// files. Invalid says why one makes no sense by itself, or "".
type Message interface{ Invalid() string }

// Hello opens a link, and is said again whenever something in it has changed.
type Hello struct {
	ID          cell.ReplicaID
	Incarnation cell.Incarnation
	Boot        uint64
	Standing    record.Standing
	Begun       bool
	Last        record.Mark
	Current     cell.Epoch
	Format      uint32 // the highest that it knows (Z16)
	List        uint64 // index of the newest member list in its log
	Quarantined bool   // its state is not a quorum's: it counts in nothing (Z14)
	Admitted    bool   // a list known to be committed has named this directory
	Promised    bool   // it has accepted an epoch
	Heard       []Name // who this replica takes for whom, itself included; by id
}

// Name is an id and the directory that bears it.
type Name struct {
	ID          cell.ReplicaID
	Incarnation cell.Incarnation
}

// Welcome answers a Hello that is accepted, and is durable as far as it must be.
type Welcome struct{}

// Refused answers a Hello that is not accepted, or comes later, from the leader; nothing else on
// that link will be heard. Copied says that a later start of the same directory has been seen: it
// was put back from a copy. Removed says that a list known to be committed by a quorum of its own
// does not name this directory any more. Both are for good.
type Refused struct {
	Why             string
	Copied, Removed bool
}

// Role is what a replica does in the protocol.
type Role uint8

// The roles. The numbers are part of the format.
const (
	RoleLooking   Role = 1 // for a leader
	RoleJoining   Role = 2 // has asked a leader, or is asking others to follow
	RoleFollowing Role = 3 // has acked NewLeader
	RoleLeading   Role = 4 // a quorum has acked its NewLeader
)

// String is the word for traces.
func (r Role) String() string {
	return [...]string{"?", "looking", "joining", "following", "leading"}[min(int(r), 4)]
}

// Status is a hint for elections (Z3): what I do, whom I follow, how my durable history ranks.
type Status struct {
	Role    Role
	Abstain bool // resigned a moment ago: among equals prefer another
	Leader  cell.ReplicaID
	Epoch   cell.Epoch // leading: the epoch in force
	Current cell.Epoch
	Last    record.Mark
}

// FollowerInfo asks a leader, or whom one would have lead, to be followed. Ask is repeated in
// its answer: what answers an older asking is not heard. Anew: its state is not to be trusted, a
// snapshot must replace it (Z14).
type FollowerInfo struct {
	Ask      uint64
	Accepted cell.Epoch
	From     cell.ReplicaID // whose epoch Accepted is
	Current  cell.Epoch
	Last     record.Mark
	Snapshot record.Mark
	Epochs   []record.EpochEnd
	Anew     bool
}

// NewEpoch asks to accept Epoch; durable at its sender (Z4).
type NewEpoch struct {
	Ask   uint64
	Epoch cell.Epoch
}

// AckEpoch says that Epoch is accepted, durably; Current and Last rank the history behind it.
type AckEpoch struct {
	Epoch   cell.Epoch
	Current cell.Epoch
	Last    record.Mark
}

// Ping asks a voter for a promise of Length; Number names it in the answer (L1).
type Ping struct {
	Epoch  cell.Epoch
	Number uint64
	Length lease.Duration
}

// Pong answers a ping. Promised: for the ping's Length from now no epoch of another replica
// is accepted here (L9). Free is the room on this replica's disk in bytes. Settled is how far the
// log here holds no member list but such as are durably known to be committed; 0: it does.
type Pong struct {
	Epoch    cell.Epoch
	Number   uint64
	Promised bool
	Free     uint64
	Settled  uint64
}

// Release ends the promises made to its sender in Epoch: its mastership is over for good. Heir is who
// may campaign at once, for it has the whole history; a hint (Z3). 0: nobody.
type Release struct {
	Epoch cell.Epoch
	Heir  cell.ReplicaID
}

// Invalid says why the message makes no sense, or "".
func (m *Hello) Invalid() string {
	switch {
	case m.ID == 0 || m.Incarnation == 0:
		return "hello without an id or an incarnation"
	case m.Format == 0:
		return "hello without a format"
	case m.Standing > record.Learner:
		return fmt.Sprintf("hello with the unknown standing %d", m.Standing)
	case len(m.Heard) > maxPeers:
		return fmt.Sprintf("hello that names %d replicas", len(m.Heard))
	}
	return badMark(m.Last)
}

// Invalid says why the message makes no sense, or "".
func (m *Welcome) Invalid() string { return "" }

// Invalid says why the message makes no sense, or "".
func (m *Refused) Invalid() string {
	if len(m.Why) > maxWhy {
		return "refusal with a long reason"
	}
	return ""
}

// Invalid says why the message makes no sense, or "".
func (m *Status) Invalid() string {
	if m.Role < RoleLooking || m.Role > RoleLeading {
		return fmt.Sprintf("status with the unknown role %d", m.Role)
	}
	return badMark(m.Last)
}

// Invalid says why the message makes no sense, or "".
func (m *FollowerInfo) Invalid() string {
	switch {
	case m.Accepted < m.Current:
		return "follower info with an accepted epoch below its current one"
	case m.Accepted > maxEpoch:
		return "follower info with an epoch near the end of all epochs"
	case m.Snapshot.Index > m.Last.Index:
		return "follower info with a snapshot above its history"
	case len(m.Epochs) > maxEpochs:
		return fmt.Sprintf("follower info with a table of %d epochs", len(m.Epochs))
	}
	return badTable(m.Epochs, m.Last)
}

// Invalid says why the message makes no sense, or "".
func (m *NewEpoch) Invalid() string { return badEpoch(m.Epoch) }

// Invalid says why the message makes no sense, or "".
func (m *AckEpoch) Invalid() string {
	if why := badEpoch(m.Epoch); why != "" {
		return why
	}
	return badMark(m.Last)
}

// Invalid says why the message makes no sense, or "".
func (m *Ping) Invalid() string {
	if m.Length <= 0 || m.Length > maxLength {
		return "ping that asks for a promise out of all bounds"
	}
	return badEpoch(m.Epoch)
}

// Invalid says why the message makes no sense, or "".
func (m *Pong) Invalid() string { return badEpoch(m.Epoch) }

// Invalid says why the message makes no sense, or "".
func (m *Release) Invalid() string { return badEpoch(m.Epoch) }

func badEpoch(e cell.Epoch) string {
	if e == 0 || e > maxEpoch {
		return fmt.Sprintf("epoch %d out of bounds", e)
	}
	return ""
}

func badMark(m record.Mark) string {
	if (m.Index == 0) != (m.Zxid == 0) || (m.Zxid != 0 && (m.Zxid.Epoch() == 0 || m.Zxid.Counter() == 0)) {
		return fmt.Sprintf("the impossible mark %v", m)
	}
	if m.Index < uint64(m.Zxid.Counter()) {
		return fmt.Sprintf("mark %v counts more than it has", m)
	}
	return ""
}

// badTable checks that a history's epochs rise, in number and in index, and end at last.
func badTable(t []record.EpochEnd, last record.Mark) string {
	var before record.EpochEnd
	for _, e := range t {
		switch {
		case badMark(e.Last) != "":
			return badMark(e.Last)
		case e.Last.Zxid.Epoch() != e.Epoch || e.Epoch <= before.Epoch || e.Last.Index <= before.Last.Index:
			return "an epoch table that does not rise"
		}
		before = e
	}
	if before.Last != last {
		return "an epoch table that does not end at the history's end"
	}
	return badMark(last)
}
