package replica

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/replica/zab"
)

// Moment is the time of a Step: Now is read after the inbox was drained (L4); Wall is shown and
// never compared, in unix nanoseconds.
type Moment struct {
	Now  lease.Instant
	Wall int64
}

// Input is what comes in: any zab.Input, or one of the structs below.
type Input any

// FromClient is a message of a client's stream. Stream is the host's number for it, never used
// twice.
type FromClient struct {
	Stream  uint64
	Address string
	// Principal is who its certificate says it is; cell.Anonymous without one.
	Principal string
	Msg       call.Message
}

// ClientGone says that a client's stream has ended.
type ClientGone struct{ Stream uint64 }

// Installed answers the Install disk op: the snapshot is durable and decoded.
type Installed struct {
	Ticket uint64
	Tree   *tree.Tree
}

// SnapshotTaken answers a Freeze: the view at Mark is on disk, verified, Bytes long; Oldest is
// the oldest snapshot kept.
type SnapshotTaken struct {
	Mark, Oldest record.Mark
	Bytes        int64
}

// SnapshotFailed answers a Freeze that could not be written; Superseded when only because the
// history has changed meanwhile; Damaged when the tree in memory is not what was put there (Z14).
type SnapshotFailed struct {
	Why                 string
	Superseded, Damaged bool
}

// Certificate says when the replica's own certificate ends, in unix nanoseconds: shown in its status.
type Certificate struct{ Ends int64 }

// WantSnapshot asks for a snapshot now: a follower needs one and there is none.
type WantSnapshot struct{}

// Stop asks for a clean stop: the mastership is handed over first.
type Stop struct{}

// Effects is what the outside must do after a Step. The caller lends it and resets it; the
// lists keep their order. Peers and Clients may leave before Disk is durable: the core holds
// back by itself what must wait.
type Effects struct {
	Core    zab.Out
	Clients []master.Send
	Closes  []master.Close
	Pauses  []master.Pause
	Freeze  *tree.View // write a snapshot of it, beside everything else
	Mark    record.Mark
	KeepOld bool   // with Freeze: no older snapshot may go for it (Z14)
	Compact uint64 // 0, or: the log below this index may go
	Lines   []Line
	Deeds   []master.Deed // for the audit
	Counts  Counts
	Links   cell.Members // nil: as before; else whom to keep links with, and where they are
	Fatal   string       // the replica has ended; why
	Died    Death        // in Apply; the zero Death: it has not
	WakeAt  lease.Instant
}

// Death is a transaction that a replica cannot live through: it is to be remembered durably, and no
// start is to come to it again by itself (B5).
type Death struct {
	At  cell.Zxid
	Why string
}

// Reset empties e and keeps its memory.
func (e *Effects) Reset() {
	e.Core.Reset()
	clear(e.Clients)
	clear(e.Closes)
	*e = Effects{Core: e.Core, Clients: e.Clients[:0], Closes: e.Closes[:0], Pauses: e.Pauses[:0],
		Lines: e.Lines[:0], Deeds: e.Deeds[:0],
		Counts: Counts{Requests: e.Counts.Requests[:0], Rounds: e.Counts.Rounds[:0],
			Passed: e.Counts.Passed[:0]}}
	e.WakeAt = lease.Never
}

// Line is a line for the log.
type Line struct {
	Level string // info, warn, error
	Text  string
}

// Counts are events since the last Step, for metrics.
type Counts struct {
	Elections, Applied, Rolls, Lapses, Resyncs, Expired, Recorded int
	Markers, Quarantines, Raises, Unfit                           int
	Requests                                                      []master.Request
	Rounds                                                        []master.Round
	Passed                                                        []master.Passed
}

func (c *Counts) add(o *master.Out) {
	c.Lapses += o.Lapses
	c.Resyncs += o.Resyncs
	c.Expired += o.Expired
	c.Recorded += o.Recorded
	c.Unfit += o.Unfit
	c.Requests = append(c.Requests, o.Requests...)
	c.Rounds = append(c.Rounds, o.Rounds...)
	c.Passed = append(c.Passed, o.Passed...)
}

// Status is what this replica says of itself.
func (r *Replica) Status(now lease.Instant) call.Status {
	nodes, sessions, locks := r.tree.Counts()
	_ = nodes
	s := call.Status{Cell: r.config.CellName, Replica: r.config.Core.ID, Role: r.core.Role(), Master: r.core.Leader(),
		Epoch: r.core.Epoch(), Zxid: r.tree.Mark().Zxid, Sessions: sessions, Locks: locks, Index: r.tree.Mark().Index,
		Members: r.list(), Why: r.why()}
	if r.certificate != 0 {
		s.CertificateEnds = cell.Wall(r.certificate)
	}
	if r.master != nil {
		s.Role = "master"
		s.LeaseLeft = cell.Span(max(0, r.core.Lease(now).Sub(now)))
	}
	return s
}

// Changed reports, once, that this replica's role is another than when it was last asked.
func (r *Replica) Changed() bool {
	now := r.core.Role()
	if r.master != nil && r.master.Ready() {
		now = "serving"
	}
	changed := now != r.role
	r.role = now
	return changed
}

// list is the tree's members; before the cell is born those of the file.
func (r *Replica) list() cell.Members {
	if m := r.tree.Members(); len(m) > 0 {
		return m
	}
	return r.config.Core.Members
}
