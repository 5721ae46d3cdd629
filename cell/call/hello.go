package call

import "github.com/leasehold/leasehold/cell"

// Message is anything that travels on a client's stream.
type Message interface {
	// Invalid says why the message is nonsense, or "". It is asked once, at the door.
	Invalid() string
}

// Hello opens a stream. Cell "" accepts whatever cell answers.
type Hello struct {
	Format uint32
	Cell   string
}

// Welcome answers Hello. A Hello for another cell gets Refused.
type Welcome struct {
	Format  uint32
	Cell    string
	CellID  cell.CellID
	Replica cell.ReplicaID
}

// Locate asks any replica for the master.
type Locate struct{}

// Located names the master: Master 0 when this replica knows none. Epoch is that of the
// mastership (C5); Client is the master's address for clients, or with Master 0 that of who is likely
// to be master soon: a hint. A replica also sends it unasked to every stream when the mastership ends or
// begins there.
type Located struct {
	Master cell.ReplicaID
	Epoch  cell.Epoch
	Client string
	Why    string // when there is no master: what is missing
}

// Refused answers what cannot be served on this stream: wrong cell, not master, wrong epoch,
// expired session. Epoch is the right mastership epoch when Code is that of ErrNoMaster and
// the replica is the master itself: the caller attaches anew with it.
type Refused struct {
	Code    cell.Code
	Message string
	Epoch   cell.Epoch
	Located Located
	// RetryAfter, in nanoseconds, comes with ErrOverloaded; Limit with ErrTooLarge.
	RetryAfter int64
	Limit      *Limit
}

// Err is the refusal as an error, as Result.Err.
func (m *Refused) Err() error { return ErrorOf(m.Code, m.Message, m.Limit, m.RetryAfter) }

// CreateSession asks for a session; sent again with the same key it gives the same one (C7).
type CreateSession struct {
	Key      cell.SessionKey
	Identity string
	Epoch    cell.Epoch
}

// Created answers CreateSession; the stream is then attached as by Attach with Stream 1.
type Created struct {
	Session cell.SessionID
	Terms   Terms
}

// Terms are what a session counts with: the mastership epoch it now lives in, its cache
// incarnation, and the cell's lengths.
type Terms struct {
	Epoch       cell.Epoch
	Incarnation uint64
	Lengths     cell.Lengths
	Limits      cell.Limits
}

// Attach makes a stream the session's newest. The client has set its cache aside before it
// sends one, so it acks whatever the session owed on older streams (C5, C6), but only in the
// Epoch it names. Stream rises by one each time. Caching tells whether the client ever cached
// under this session (after a fail-over, all cachers must attach or lapse).
type Attach struct {
	Session cell.SessionID
	Key     cell.SessionKey
	Epoch   cell.Epoch
	Stream  uint64
}

// Attached answers Attach: all the session holds and waits for, from the tree, so no grant is
// lost. What does not fit into one message comes in several, one behind the other; More says that
// another follows.
type Attached struct {
	Stream uint64
	Terms  Terms
	Holds  []HoldState
	More   bool
}

// HoldState is one acquire of a session as the tree has it.
type HoldState struct {
	Name      cell.Name
	Hold      uint64 // zxid of the acquire
	Call      uint64 // its call number
	Held      bool   // else it waits
	Sequencer cell.Sequencer
	Loss      Loss // it has been taken, and waits to be given back
}
