package master

import (
	"fmt"

	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
)

// Stage is how far a mastership has come in taking over from the one before (C5), in the order of
// the paper's section 2.9. Only advance changes it.
type Stage uint8

// The stages. Lapsed may come between any two behind Rebuilding, and comes back to where it was.
const (
	// Rebuilding: sessions, locks and lock-delays are made anew from the tree, and the first
	// transaction of the new epoch is on its way (Z8). Who asks for the master is told of it;
	// everything else waits.
	Rebuilding Stage = iota + 1
	// Lapsed: the mastership lease does not hold. Nothing is answered, nobody expires (L4, L5).
	Lapsed
	// Attaching: KeepAlives, reads, locks and new sessions are served. What changes a node waits
	// in its round for those who may have cached it under the master before.
	Attaching
	// Serving: all of these have attached, or one cache lease has passed. Everything is served.
	Serving
	// Over: another replica is master, or none.
	Over
)

// String names the stage, for traces and metrics.
func (s Stage) String() string {
	if s < Rebuilding || s > Over {
		return fmt.Sprintf("stage %d", uint8(s))
	}
	return [...]string{"rebuilding", "lapsed", "attaching", "serving", "over"}[s-1]
}

// answers reports whether a client is answered at this stage, and anybody may expire.
func (s Stage) answers() bool { return s == Attaching || s == Serving }

// Passed is a stage that is over, and how long it lasted.
type Passed struct {
	Stage  Stage
	Lasted lease.Duration
}

// failover is the stage, and what the next one is found by.
type failover struct {
	stage     Stage
	since     lease.Instant // the stage
	from      lease.Instant // the mastership
	before    record.Mark   // the last transaction of earlier ones
	heldUntil lease.Instant // until when the lease held when it last did
}

// holds reports whether the master may answer and expire.
func (m *Master) holds() bool { return m.failover.stage.answers() }

// advance goes on to the stage that the facts call for. It is called whenever one may have changed:
// with each Step's clock, after what was applied, and after what came from clients.
func (m *Master) advance() {
	if next := m.nextStage(); next != m.failover.stage {
		m.enter(next)
	}
	if m.at.Now < m.at.Lease {
		m.failover.heldUntil = m.at.Lease
	}
	if m.holds() {
		m.perishing.age.tick(m.at.Now)
	}
}

func (m *Master) nextStage() Stage {
	f := &m.failover
	switch {
	case f.stage == Over:
		return Over
	case m.seen == f.before:
		return Rebuilding
	case m.at.Now >= m.at.Lease:
		return Lapsed
	case m.dir.Awaited() > 0:
		return Attaching
	}
	return Serving
}

// enter leaves the stage for another. Time in which nobody was answered moves every session's
// deadline, and makes no node older (L7).
func (m *Master) enter(next Stage) {
	f, now := &m.failover, m.at.Now
	m.out.Passed = append(m.out.Passed, Passed{f.stage, now.Sub(f.since)})
	switch f.stage {
	case Rebuilding, Lapsed:
		m.sessions.Excuse(f.since, now)
		m.perishing.age.excuse(now.Sub(f.since))
	case Attaching:
		if next == Serving {
			m.line(Info, "everybody who cached under the master before is heard of: all is served",
				Field{"after", now.Sub(f.from).String()})
		}
	}
	f.stage, f.since = next, now
	if next == Lapsed {
		f.since = min(now, f.heldUntil)
	}
}
