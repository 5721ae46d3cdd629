package zab

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Out collects what Steps ask the host to do. The caller lends it, may pass it to several Steps,
// carries it out and calls Reset. Of what one Step has added, a Restored event comes first, then
// the Commits, then the other Events; all of them are obeyed before a Send leaves: a mastership
// that is over has ended above before anybody is released from a promise. Sends and Disk have
// each their own order, and go side by side.
type Out struct {
	Sends   []Send
	Disk    []DiskOp
	Commits []record.Record // delivered: committed, and durable here; without a gap
	Events  []Event
	WakeAt  lease.Instant // when to call Step next if nothing else happens
}

// Reset empties o and keeps its memory.
func (o *Out) Reset() {
	clear(o.Sends)
	clear(o.Disk)
	clear(o.Commits)
	clear(o.Events)
	*o = Out{Sends: o.Sends[:0], Disk: o.Disk[:0], Commits: o.Commits[:0], Events: o.Events[:0]}
}

// Send is a message for Link; if that link is gone, so is the message.
type Send struct {
	To   cell.ReplicaID
	Link uint64
	Msg  Message
}

// DiskOp is something for the disk's one owner, who does them in order. Each but SendSnapshot
// is answered, in order, once it is durable: ReadLog by LogRead, the others by Persisted. An
// error of any is the end of the replica (Z9).
type DiskOp interface{ diskOp() }

// Append adds Records to the log, synced.
type Append struct {
	Ticket  uint64
	Records []record.Record
}

// SaveHard replaces the hard state, synced.
type SaveHard struct {
	Ticket uint64
	Hard   record.HardState
}

// Truncate removes every record, and every snapshot, above index After, synced (Z5).
type Truncate struct {
	Ticket uint64
	After  uint64
}

// Install makes the received snapshot at Mark the base of an empty log, synced (Z7).
type Install struct {
	Ticket uint64
	Mark   record.Mark
}

// ReadLog asks for records from index From on: at least one, then no more than MaxBytes.
type ReadLog struct {
	Ticket   uint64
	From     uint64
	MaxBytes int
}

// SendSnapshot asks for the newest snapshot (one made for it, when there is none at index Least or
// above) to be streamed to To. It is answered by SnapshotOffered or SnapshotFailed, at any time; the break
// of Link ends it.
type SendSnapshot struct {
	To            cell.ReplicaID
	Attempt, Link uint64
	Least         uint64
}

func (Append) diskOp()       {}
func (SaveHard) diskOp()     {}
func (Truncate) diskOp()     {}
func (Install) diskOp()      {}
func (ReadLog) diskOp()      {}
func (SendSnapshot) diskOp() {}

// Event tells the replica above what became of its role.
type Event interface{ event() }

// Leading says that a quorum stands behind this replica in Epoch and that everything earlier is
// in Commits: the master may begin (Z8), as far as Lease allows.
type Leading struct{ Epoch cell.Epoch }

// Following says that this replica serves what Leader commits, from here on.
type Following struct {
	Leader cell.ReplicaID
	Epoch  cell.Epoch
}

// Looking ends whatever role was: a mastership that it ends never comes back.
type Looking struct{ Why string }

// Restored says that the snapshot at Mark has replaced the history: the tree must be loaded
// from it before the Commits of the same Out.
type Restored struct{ Mark record.Mark }

// Rolled says that the sitting master goes on in Epoch, from counter 1 (Z13).
type Rolled struct{ Epoch cell.Epoch }

// Fatal ends the replica: the line names the reason and the remedy. No further input counts.
type Fatal struct{ Why string }

// DropLink asks for Link to be closed: Peer sent nonsense, or fell silent.
type DropLink struct {
	Peer cell.ReplicaID
	Link uint64
	Why  string
}

// Reported is what From reports about its state at index At, to its leader (Z14).
type Reported struct {
	From       cell.ReplicaID
	At, Digest uint64
}

// Log is a line for the log.
type Log struct{ Line string }

func (Leading) event()   {}
func (Following) event() {}
func (Looking) event()   {}
func (Restored) event()  {}
func (Rolled) event()    {}
func (Fatal) event()     {}
func (DropLink) event()  {}
func (Reported) event()  {}
func (Log) event()       {}
