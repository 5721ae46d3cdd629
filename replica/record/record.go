package record

import (
	"fmt"
	"hash/crc32"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// Kind tells the replication layer what it must know of a payload that is otherwise opaque.
type Kind uint8

// The kinds of record. The numbers are part of the format.
const (
	Normal  Kind = 1 // a transaction
	Members Kind = 2 // a transaction that also sets the member list (Z15)
)

// Record is one transaction of the history. Index is its dense position, from 1 at birth, equal
// on every replica that has it. Sum is the payload's CRC-32C, made once by the master and
// carried end to end. The payload is immutable.
type Record struct {
	Index   uint64
	Zxid    cell.Zxid
	Kind    Kind
	Sum     uint32
	Payload []byte
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Make builds a record and its sum.
func Make(index uint64, z cell.Zxid, k Kind, payload []byte) Record {
	return Record{Index: index, Zxid: z, Kind: k, Sum: crc32.Checksum(payload, castagnoli), Payload: payload}
}

// Intact reports whether the payload still has the sum that the master gave it.
func (r Record) Intact() bool { return crc32.Checksum(r.Payload, castagnoli) == r.Sum }

// Mark names a point of the history: the transaction at Index has this Zxid. The zero Mark is
// the point before the first transaction.
type Mark struct {
	Index uint64
	Zxid  cell.Zxid
}

// Mark is the point right after r.
func (r Record) Mark() Mark { return Mark{r.Index, r.Zxid} }

// String is INDEX@ZXID.
func (m Mark) String() string { return fmt.Sprintf("%d@%v", m.Index, m.Zxid) }

// Standing is whether this directory has a vote (Z11).
type Standing uint8

// The standings. The numbers are part of the format.
const (
	Unborn  Standing = 0 // has not asked the others yet
	Voter   Standing = 1 // born with the cell, or bound by a logged transaction since
	Learner Standing = 2 // came later; counts in no quorum until bound
)

// Seen is the highest boot counter that a peer's incarnation was heard with (Z11).
type Seen struct {
	ID          cell.ReplicaID
	Incarnation cell.Incarnation
	Boot        uint64
}

// HardState is what a replica must remember beside history: always saved whole, synced.
// AcceptedEpoch (the promise, and to whom) is never below CurrentEpoch (whose history this is).
type HardState struct {
	Incarnation    cell.Incarnation // made at the first start
	Boot           uint64           // starts of this directory
	Standing       Standing
	AcceptedEpoch  cell.Epoch
	AcceptedFrom   cell.ReplicaID
	CurrentEpoch   cell.Epoch
	LongestPromise lease.Duration // the longest d ever promised in an answer to a ping (L3)
	ListCommitted  uint64         // member lists up to this index are known committed (Z15)
	Begun          bool           // history begun: an empty history with this mark is a lost one
	Copied         bool           // a peer has seen a later start of this directory: it is refused for good
	Admitted       bool           // a list known to be committed has named this directory (Z15)
	Removed        bool           // a later one does not, for good: it is refused
	Quarantined    bool           // the tree here is not a quorum's: only a snapshot ends that (Z14)
	Seen           []Seen         // sorted by id, then incarnation
}

// EpochEnd says that the history's last record of Epoch is Last.
type EpochEnd struct {
	Epoch cell.Epoch
	Last  Mark
}

// Summary describes a durable history: the snapshot it stands on, and the log. The log serves
// First … Last; when it is empty, First is Last.Index+1 and Last is the snapshot's mark.
type Summary struct {
	Snapshot Mark
	First    uint64
	Last     Mark
	Epochs   []EpochEnd // of the log's records and the snapshot's mark, rising
}
