package master

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// Moment is when a Step happens. Now was read after the inputs had come in (L4). Lease is until
// when the mastership holds: not at all when it is Now or earlier. Wall is the wall clock in
// unix nanoseconds, shown and never compared. Late is by how much the Step comes later than
// the last WakeAt asked for. Full says that no quorum has room on its disks for a tree that grows (B3).
type Moment struct {
	Now, Lease lease.Instant
	Wall       int64
	Late       lease.Duration
	Full       bool
}

// Input is one of Message, StreamDown, Applied, Bind, Own.
type Input interface{ input() }

// Message came on a client's stream, which is new with its first. Streams are numbered from 1.
// Address is the client's, for show.
type Message struct {
	Stream  uint64
	Address string
	// Principal is who the client's certificate says it is.
	Principal string
	Msg       call.Message
}

// StreamDown says that a stream is over, whoever ended it. Its number never comes again.
type StreamDown struct{ Stream uint64 }

// Applied is a transaction that the tree has applied. Every one is told, in order, no later than
// the first Step that finds it in the tree.
type Applied struct{ tree.Applied }

// Bind asks for a member list to be logged, whole.
type Bind struct{ Members cell.Members }

// Own asks for a transaction of the master's own that changes no node: a Marker, or a Raise.
type Own struct{ Op tree.Op }

func (Message) input()    {}
func (StreamDown) input() {}
func (*Applied) input()   {}
func (Bind) input()       {}
func (Own) input()        {}

// Out collects effects; the caller lends it, and Resets it when they are carried out. Sends of
// one stream leave in their order; Closes come after them.
type Out struct {
	Sends     []Send
	Closes    []Close
	Pauses    []Pause
	Proposals []Proposal
	Lines     []Line
	Deeds     []Deed // without Config.Audit none
	Requests  []Request
	Rounds    []Round
	Passed    []Passed // stages of the fail-over that are over
	Lapses    int      // cachers whose silence a write waited for (C10)
	Resyncs   int      // watches that fell behind (C9)
	Expired   int      // sessions whose end by expiry was applied
	Unfit     int      // calls refused because the disks are full (B3)
	Recorded  int      // calls sent again and answered from the record (C7)
	StepDown  bool     // somebody has asked for another master
	WakeAt    lease.Instant
}

// Send is a message for a stream. Urgent ones may overtake.
type Send struct {
	Stream uint64
	Msg    call.Message
	Urgent bool
}

// Close ends a stream after what was sent on it.
type Close struct {
	Stream uint64
	Why    string
}

// Pause asks for nothing to be read from a stream for a while (B3).
type Pause struct {
	Stream uint64
	For    lease.Duration
}

// Proposal is a transaction for the log. Its payload is immutable; Txn is what it says, decoded from it
// at the gate, and nobody else's.
type Proposal struct {
	Kind    record.Kind
	Payload []byte
	Txn     tree.Txn
}

// Level is how much a Line matters.
type Level uint8

// The levels.
const (
	Info Level = iota
	Warn
)

// Line is one line of the log.
type Line struct {
	Level  Level
	Text   string
	Fields []Field
}

// Field is a detail of a Line.
type Field struct{ Key, Value string }

// Request is one answered call or query, for the metrics.
type Request struct {
	Op   string
	Code cell.Code
	Took lease.Duration
}

// Round is one finished round of invalidations, for the metrics: how many cachers were told, and
// how long until the last was out of it.
type Round struct {
	Cachers int
	Took    lease.Duration
}

// Reset empties o and keeps its memory.
func (o *Out) Reset() {
	clear(o.Sends)
	clear(o.Proposals)
	*o = Out{Sends: o.Sends[:0], Closes: o.Closes[:0], Pauses: o.Pauses[:0],
		Proposals: o.Proposals[:0], Lines: o.Lines[:0], Deeds: o.Deeds[:0],
		Requests: o.Requests[:0], Rounds: o.Rounds[:0], Passed: o.Passed[:0]}
}
