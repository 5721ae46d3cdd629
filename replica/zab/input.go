package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// List is the member list that the record at Index set; index 0 or a snapshot's for the base.
type List struct {
	Index   uint64
	Members cell.Members
}

// Config is all that a Core is made from. Hard, Log, Recent and Lists are what the disk held.
type Config struct {
	ID        cell.ReplicaID
	Members   cell.Members // from the file: ids and addresses, sorted by id
	Hard      record.HardState
	Log       record.Summary
	Recent    []record.Record // the tail of the log that is worth having in memory; may be empty
	Lists     []List          // the snapshot's list, then every list in the log behind it, by index; nil: none yet
	MembersOf func(payload []byte) (cell.Members, error)
	Lengths   cell.Lengths
	Since     lease.Instant // when the life before this one was surely over; 0: only now
	Seed      uint64        // of the jitter; differs between replicas
	Format    uint32        // the highest that this program knows (Z16); 0: cell.Format
	RollAt    uint32        // last counter of an epoch (Z13); 0: cell.MaxCounter-1
}

// Input is one thing that happened to a replica: one of the structs below. A nil Input says
// only that time has passed.
type Input interface{ input() }

// Batch is several inputs at one instant: their records share one append and one message.
type Batch []Input

// LinkUp says that a connection with Peer stands, both ways, in order. Link grows with each one.
type LinkUp struct {
	Peer cell.ReplicaID
	Link uint64
}

// LinkDown says that Link with Peer is gone.
type LinkDown struct {
	Peer cell.ReplicaID
	Link uint64
}

// Received is a message that came over Link. Decode has checked its form, nothing else.
type Received struct {
	From cell.ReplicaID
	Link uint64
	Msg  Message
}

// Persisted answers the disk operation Ticket: it is done and durable. Answers come in the
// order of the operations.
type Persisted struct{ Ticket uint64 }

// LogRead answers ReadLog with the records from its From on, without a gap; at least one, or
// none when the log does not go back that far any more.
type LogRead struct {
	Ticket  uint64
	Records []record.Record
}

// SnapshotOffered says that the snapshot asked for by SendSnapshot stands at Mark; the log
// behind it is kept until the follower has it.
type SnapshotOffered struct {
	To      cell.ReplicaID
	Attempt uint64
	Mark    record.Mark
}

// SnapshotFailed says that the snapshot could not be sent, or its connection broke.
type SnapshotFailed struct {
	To      cell.ReplicaID
	Attempt uint64
}

// SnapshotReceived says that a whole snapshot has come from the leader, was verified and is
// durable beside the directory's own; Install makes it count. Members is the list within it.
type SnapshotReceived struct {
	From    cell.ReplicaID
	Attempt uint64
	Mark    record.Mark
	Members cell.Members
}

// Compacted says that the disk has a newer snapshot at Snapshot and serves the log from First.
type Compacted struct {
	First    uint64
	Snapshot record.Mark
}

// Propose asks the leader to add a transaction. The zxids come in the order of the proposals.
// A proposal to a replica that does not lead is forgotten: its Looking event came before.
type Propose struct {
	Kind    record.Kind
	Payload []byte
}

// Resign asks a leader to give its mastership up for good and then to release the promises.
type Resign struct{ Why string }

// Free tells how many bytes this replica's disk has free; the pongs carry it (B3). 0: not known.
type Free struct{ Bytes uint64 }

// Report is what the machine above says about its own state at index At: a follower's goes to its
// leader with an ack (Z14).
type Report struct{ At, Digest uint64 }

// Quarantine says that the state here is not a quorum's: from now on this replica counts in nothing,
// until a snapshot has replaced the state (Z14).
type Quarantine struct{ Why string }

// Differs tells a leader that the state of that replica is not a quorum's.
type Differs struct{ ID cell.ReplicaID }

// Agrees tells a leader that its own state at index At is what a quorum has: others may be rebuilt
// from here.
type Agrees struct{ At uint64 }

func (Batch) input()            {}
func (LinkUp) input()           {}
func (LinkDown) input()         {}
func (Received) input()         {}
func (Persisted) input()        {}
func (LogRead) input()          {}
func (SnapshotOffered) input()  {}
func (SnapshotFailed) input()   {}
func (SnapshotReceived) input() {}
func (Compacted) input()        {}
func (Propose) input()          {}
func (Resign) input()           {}
func (Free) input()             {}
func (Report) input()           {}
func (Quarantine) input()       {}
func (Differs) input()          {}
func (Agrees) input()           {}

// drift is the cell's bound between two clocks.
func drift(l cell.Lengths) lease.Drift { return lease.Drift(l.DriftPPM) }
