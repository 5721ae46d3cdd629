package client

import (
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// State is where a session stands. Expired and Closed are final.
type State = session.State

// The states of a session.
const (
	Connected = session.Connected
	Jeopardy  = session.Jeopardy
	Expired   = session.Expired
	Closed    = session.Closed
)

// File is a node's Stat and contents. Contents is the caller's own copy.
type File struct {
	Stat     cell.Stat
	Contents []byte
}

// EventKind tells what happened to a watched name.
type EventKind = call.EventKind

// The kinds of event. EventSynced follows the first EventCurrent ones; EventResync means:
// forget what you had, EventCurrent … EventSynced follow.
const (
	EventCurrent  = call.EventCurrent
	EventSynced   = call.EventSynced
	EventCreated  = call.EventCreated
	EventModified = call.EventModified
	EventACL      = call.EventACL
	EventDeleted  = call.EventDeleted
	EventChildren = call.EventChildren
	EventLocked   = call.EventLocked
	EventUnlocked = call.EventUnlocked
	EventConflict = call.EventConflict
	EventResync   = call.EventResync
)

// Event is one change of a watched name, with the contents of that change. Contents is shared
// by nobody.
type Event struct {
	Kind     EventKind
	Name     string
	Zxid     cell.Zxid
	Stat     cell.Stat
	Contents []byte
}

// LockInfo describes one lock: who holds it and who waits, in order.
type LockInfo struct {
	Name       string
	Mode       cell.Mode
	Generation uint64
	Holders    []Holder
	DelayLeft  time.Duration // 0: the lock is in no lock-delay
	Waiters    []Waiter
	History    []PastHold // the last holds that have ended, oldest first; by LockOf only
}

// PastHold is a hold that has ended: whose it was, from when to when, and how it ended. Times are the
// master's wall clock: shown, never compared.
type PastHold = call.Past

// Loss says how a hold was taken from its holder, and by whom; the zero Loss: it was not.
type Loss = call.Loss

// Holder is one hold of a lock. Since is the master's wall clock: shown, never compared.
type Holder struct {
	Session                            cell.SessionID
	Identity, Principal, Address, Note string
	Since                              time.Time
	Token                              uint64
	Sequencer                          cell.Sequencer
	LeaseLeft                          time.Duration // below 0: not known
	Loss                               Loss          // it was taken, and has not been given back yet
}

// Waiter is one acquire in a lock's queue. Since is the master's wall clock, Waiting what this
// machine's clock makes of it.
type Waiter struct {
	Session             cell.SessionID
	Identity, Principal string
	Mode                cell.Mode
	Since               time.Time
	Waiting             time.Duration
}

// SessionInfo describes a session of the cell. State is alive, silent or ended; LeaseLeft below
// 0 is not known.
type SessionInfo = call.SessionInfo

// Status is the cell as its replicas describe it, each by itself.
type Status struct {
	Cell      string
	Master    cell.ReplicaID // who says so of itself in the highest epoch; 0: nobody
	Epoch     cell.Epoch     // the highest Zab epoch heard of
	LeaseLeft time.Duration  // of the mastership; below 0: not known
	Sessions  int            // at the master; −1: not known
	Locks     int            // held, at the master; −1: not known
	Replicas  []ReplicaStatus
}

// ReplicaStatus is one replica's own view, or why it gave none.
type ReplicaStatus struct {
	ID           cell.ReplicaID // 0: an endpoint that did not answer and is in no member list heard
	Client, Peer string         // addresses; "" not known
	Role         string         // master | follower | learner | looking | quarantined | unreachable
	Epoch        cell.Epoch
	Zxid         cell.Zxid
	Lag          int64  // log entries behind the master; −1: not known
	Why          string // when it cannot serve: what is missing
	Err          error  // when it did not answer

	CertificateEnds time.Time // when its own TLS certificate does; zero: not known, or without TLS
}
