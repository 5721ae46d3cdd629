package zab

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/replica/record"
)

// Diff begins a synchronization: what you have up to After is what I have; remove the rest.
// The records behind After follow.
type Diff struct {
	Epoch cell.Epoch
	After record.Mark
}

// Snap begins a synchronization by snapshot: only pings follow until SnapshotDurable (Z7).
type Snap struct {
	Epoch   cell.Epoch
	Attempt uint64
}

// SnapshotDurable says that the snapshot of Attempt is this replica's history up to Mark.
type SnapshotDurable struct {
	Epoch   cell.Epoch
	Attempt uint64
	Mark    record.Mark
}

// Entries are records of the leader's log, right behind Prev. Commit is the highest index
// known committed; it may lie above them.
type Entries struct {
	Epoch   cell.Epoch
	Prev    record.Mark
	Commit  uint64
	Records []record.Record
}

// NewLeader says that the history up to Last, all of it sent, is what Epoch begins with.
type NewLeader struct {
	Epoch cell.Epoch
	Last  record.Mark
}

// AckNewLeader says that the history up to Last is durable here and, after it, currentEpoch (Z1).
type AckNewLeader struct {
	Epoch cell.Epoch
	Last  record.Mark
}

// UpToDate says that a quorum has acked NewLeader: apply and serve, up to Commit (Z6).
type UpToDate struct {
	Epoch  cell.Epoch
	Commit uint64
}

// Progress says what is durable during a synchronization. It moves the window and counts as
// nothing (Z6).
type Progress struct {
	Epoch cell.Epoch
	Index uint64
}

// Ack says that everything up to Index is durable here, in Epoch's history. At and Digest are a report
// of the machine above, about its state at index At (Z14); 0: none.
type Ack struct {
	Epoch      cell.Epoch
	Index      uint64
	At, Digest uint64
}

// Commit says that everything up to Index is committed.
type Commit struct {
	Epoch cell.Epoch
	Index uint64
}

// Invalid says why the message makes no sense, or "".
func (m *Diff) Invalid() string { return first(badEpoch(m.Epoch), badMark(m.After)) }

// Invalid says why the message makes no sense, or "".
func (m *Snap) Invalid() string { return badEpoch(m.Epoch) }

// Invalid says why the message makes no sense, or "".
func (m *SnapshotDurable) Invalid() string { return first(badEpoch(m.Epoch), badMark(m.Mark)) }

// Invalid says why the message makes no sense, or "". Gaps and sums are checked here too.
func (m *Entries) Invalid() string {
	if why := first(badEpoch(m.Epoch), badMark(m.Prev)); why != "" {
		return why
	}
	if len(m.Records) == 0 {
		return "entries without a record"
	}
	before := m.Prev
	for i := range m.Records {
		r := &m.Records[i]
		if !succeeds(before, r.Mark()) || r.Zxid.Epoch() > m.Epoch {
			return fmt.Sprintf("entries with a gap: %v after %v in epoch %d", r.Mark(), before, m.Epoch)
		}
		if !r.Intact() {
			return fmt.Sprintf("entry %v whose payload differs from its sum", r.Mark())
		}
		before = r.Mark()
	}
	return ""
}

// succeeds reports whether b may stand right behind a: the next index, and either the next
// counter or the first of a later epoch.
func succeeds(a, b record.Mark) bool {
	if b.Index != a.Index+1 {
		return false
	}
	if b.Zxid.Epoch() == a.Zxid.Epoch() {
		return b.Zxid == a.Zxid+1
	}
	return b.Zxid.Epoch() > a.Zxid.Epoch() && b.Zxid.Counter() == 1
}

// Invalid says why the message makes no sense, or "".
func (m *NewLeader) Invalid() string { return first(badEpoch(m.Epoch), badMark(m.Last)) }

// Invalid says why the message makes no sense, or "".
func (m *AckNewLeader) Invalid() string { return first(badEpoch(m.Epoch), badMark(m.Last)) }

// Invalid says why the message makes no sense, or "".
func (m *UpToDate) Invalid() string { return badEpoch(m.Epoch) }

// Invalid says why the message makes no sense, or "".
func (m *Progress) Invalid() string { return badEpoch(m.Epoch) }

// Invalid says why the message makes no sense, or "".
func (m *Ack) Invalid() string {
	if m.At > m.Index || m.At == 0 && m.Digest != 0 {
		return fmt.Sprintf("ack of %d with a report about %d", m.Index, m.At)
	}
	return badEpoch(m.Epoch)
}

// Invalid says why the message makes no sense, or "".
func (m *Commit) Invalid() string { return badEpoch(m.Epoch) }

func first(whys ...string) string {
	for _, why := range whys {
		if why != "" {
			return why
		}
	}
	return ""
}
