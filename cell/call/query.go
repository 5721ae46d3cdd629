package call

import (
	"time"

	"github.com/leasehold/leasehold/cell"
)

// Query is a read at the master, with or without a session. Number is the stream's own. AtReplica
// asks whichever replica is spoken to for a Read or List, without a session: it answers from what
// it has applied, which is no older than Seen, fills no cache, and is not ordered with any session's
// events.
type Query struct {
	Epoch     cell.Epoch // 0 without a session
	Number    uint64
	AtReplica bool
	Seen      cell.Zxid
	Ask       Ask
	Handle    *Handle         // through which it is asked; nil: by name
	IfHeld    *cell.Sequencer // the hold that must stand (else ErrStaleSequencer); nil: none
}

// QueryReply answers a Query. Exactly the field of the Ask is set, or Code.
type QueryReply struct {
	Epoch      cell.Epoch
	Number     uint64
	Code       cell.Code
	Message    string
	RetryAfter int64
	Limit      *Limit    // with ErrTooLarge
	Zxid       cell.Zxid // the tree's when it was read
	Node       *NodeReply
	List       *ListReply
	Locks      *LocksReply
	Sessions   *SessionsReply
	Status     *Status
	Settings   *SettingsReply
	Revalidate *RevalidateReply
	Rights     *RightsReply
	Replaced   *ReplaceReply
}

// Ask is one of Read, List, Revalidate, Locks, Sessions, CheckSequencer, Watch, Unwatch, StatusAsk,
// SettingsAsk, StepDown, Replace, RightsAsk.
type Ask interface {
	Message
	ask()
}

// Read asks for a node: its Stat, and its contents unless StatOnly. Cache asks that the answer
// may fill the session's cache. Instance 0 is any, else ErrStaleHandle when it differs. Open asks
// for a handle of that Mode.
type Read struct {
	Name     cell.Name
	Instance uint64
	StatOnly bool
	Cache    bool
	Open     bool
	Mode     HandleMode
}

// NodeReply answers Read. An absent node is Absent, with the deepest ancestor that exists: the
// absence is a fact about that one (C6). Cachable: the session is registered as cacher of the
// name (or of Ancestor), in the cache Incarnation.
type NodeReply struct {
	Stat        cell.Stat
	Contents    []byte
	Absent      bool
	Ancestor    cell.Name
	Cachable    bool
	Incarnation uint64
	Handle      *Handle // where one was asked for
}

// List asks for children of a node in order of name, after After, at most Most (0: the
// server's page). Names asks for names and instances only (what a cache may keep).
type List struct {
	Name     cell.Name
	Instance uint64
	After    string
	Most     int
	Names    bool
	Cache    bool
}

// ListReply answers List: a page of children; More says that there are others behind it.
// Parent is the node's own Stat: a list of several pages is consistent when its
// ChildrenGeneration and Instance stay equal. Cachable holds for a complete list only.
type ListReply struct {
	Parent      cell.Stat
	Children    []cell.Stat
	More        bool
	Absent      bool
	Ancestor    cell.Name
	Cachable    bool
	Incarnation uint64
}

// Locks asks who holds what at Prefix and below, after the name After; One asks for Prefix only.
// Told says that of After itself so many holders and waiters have been told: it goes on behind those.
type Locks struct {
	Prefix cell.Name
	One    bool
	After  cell.Name
	Told   uint64
}

// LocksReply answers Locks, sorted by name; More says that there is more behind them. The last of them may be a
// piece of a lock, of which Told holders and waiters have been told by now; 0: it is whole.
type LocksReply struct {
	Locks []LockInfo
	More  bool
	Told  uint64
}

// LockInfo describes one lock: the fields of the JSON in the contract.
type LockInfo struct {
	Name       cell.Name
	Mode       cell.Mode
	Generation uint64
	Holders    []Holder
	DelayLeft  time.Duration // 0: none
	Waiters    []Waiter      // in order
	History    []Past        // the holds before, oldest first; asked for with One only
}

// Holder is one hold of a lock.
type Holder struct {
	Session                            cell.SessionID
	Identity, Principal, Address, Note string
	Since                              time.Time
	Sequencer                          cell.Sequencer
	LeaseLeft                          time.Duration // −1: not known here
	Loss                               Loss          // it has been taken, and not given back yet
}

// Waiter is one acquire in a lock's queue.
type Waiter struct {
	Session             cell.SessionID
	Identity, Principal string
	Mode                cell.Mode
	Since               time.Time
}

// Sessions asks for all sessions above After, or for one.
type Sessions struct {
	ID, After cell.SessionID
	Told      uint64 // so many names of After (of ID, where one is asked for) have been told: it goes on behind them
}

// SessionsReply answers Sessions, sorted by id; More says that there is more behind them. The last of them may
// be a piece of a session, of which Told names have been told by now; 0: it is whole.
type SessionsReply struct {
	Sessions []SessionInfo
	More     bool
	Told     uint64
}

// SessionInfo describes a session: the fields of the JSON in the contract.
type SessionInfo struct {
	ID                           cell.SessionID
	Identity, Principal, Address string
	State                        string // alive | silent | ended
	LeaseLeft                    time.Duration
	Created                      time.Time
	Locks, Ephemerals            []cell.Name
	Watches                      int
}

// CheckSequencer asks whether a hold still stands: Code 0, or ErrStaleSequencer's.
type CheckSequencer struct{ Sequencer cell.Sequencer }

// Sync asks the master for nothing but its place in the history, in QueryReply.Zxid: every write
// that was acknowledged before the question lies at or before it (L4).
type Sync struct{}

// StatusAsk asks a replica how it does; any replica answers.
type StatusAsk struct{}

// Status is one replica's own view.
type Status struct {
	Cell      string
	Replica   cell.ReplicaID
	Role      string // master | follower | learner | looking | quarantined
	Master    cell.ReplicaID
	Epoch     cell.Epoch
	Zxid      cell.Zxid
	LeaseLeft time.Duration // of the mastership, at the master
	Sessions  int
	Locks     int
	Index     uint64
	Members   cell.Members
	Why       string // when it cannot serve: what is missing
	// CertificateEnds is when its TLS certificate does; zero without TLS.
	CertificateEnds time.Time
}

func (*Read) ask()           {}
func (*List) ask()           {}
func (*Revalidate) ask()     {}
func (*Locks) ask()          {}
func (*Sessions) ask()       {}
func (*CheckSequencer) ask() {}
func (*Watch) ask()          {}
func (*Unwatch) ask()        {}
func (*StatusAsk) ask()      {}
func (*Sync) ask()           {}
