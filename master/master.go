package master

import (
	"github.com/leasehold/leasehold/cache/directory"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/master/lock"
	"github.com/leasehold/leasehold/master/session"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/tree"
)

// Config is what a mastership begins with. Everything of earlier epochs has been applied to
// Tree, which the master reads and never changes.
type Config struct {
	Self  cell.ReplicaID
	Wall  int64      // the wall clock of the beginning, as in Moment
	Epoch cell.Epoch // in which the mastership begins: its name
	Tree  *tree.Tree
	Birth *tree.Birth  // the first transaction of a tree that is not born; else nil
	Audit bool         // note in Out.Deeds what is refused
	Bind  cell.Members // a member list to log; nil when the tree's is right
	First tree.Marker  // the first transaction of a tree that is born
}

// Master is one mastership. It belongs to one goroutine.
type Master struct {
	epoch   cell.Epoch
	tree    *tree.Tree
	lengths cell.Lengths
	at      Moment
	out     *Out // of the Step under way
	audits  bool

	failover failover
	toldFull bool        // the disks are, and the log knows
	seen     record.Mark // the last transaction told by an input

	streams   map[uint64]*stream
	accounts  accounts
	nonsense  nonsense
	held      []Message // came while the lease did not hold
	heldBytes int
	sessions  *session.Table
	watches   *session.Watches
	work      []*session.Watch // that have something to be sent
	dir       *directory.Directory
	fx        directory.Effects
	delays    lock.Delays
	load      load
	lowering  lowering
	allowing  lease.Duration            // the longest session lease that may be running is being logged; 0: no
	heard     []cell.SessionID          // silent ones that have spoken
	overdue   lease.Queue[tree.HoldKey] // holds with a MaxHold, by its end

	lastWrite uint64
	lanes     map[cell.SessionID]*lane
	moved     []cell.SessionID // whose lanes may go on
	rounds    map[directory.RoundID]*write
	ready     []directory.RoundID // rounds nobody is waited for any more
	lingering lingering           // on their way to being proposed
	proposed  []*write            // in order; the next Applied is the first one's
	inFlight  int
	bytes     int
	opening   map[[32]byte]*opening
	marks     []cell.SessionID // to be logged as caching
	binding   cell.Members     // to be logged as soon as the tree is born
	reaps     reaper
	perishing perishing

	behind  map[cell.SessionID][]behind
	matched []*session.Watch // lent to match
}

// New begins a mastership at now, when a quorum has accepted its epoch and everything of earlier
// ones is applied. Its first proposals are in out.
func New(now lease.Instant, c Config, out *Out) *Master {
	cell.Assert(c.Tree.Born() != (c.Birth != nil), "a birth for a born tree, or none for an unborn one")
	m := &Master{
		epoch: c.Epoch, audits: c.Audit, tree: c.Tree, lengths: c.Tree.Lengths(),
		at: Moment{Now: now, Wall: c.Wall}, out: out, seen: c.Tree.Mark(),
		failover: failover{stage: Rebuilding, since: now, from: now, before: c.Tree.Mark(), heldUntil: now},
		streams:  map[uint64]*stream{}, accounts: accounts{of: map[string]*account{}}, watches: session.NewWatches(),
		lanes: map[cell.SessionID]*lane{}, rounds: map[directory.RoundID]*write{},
		opening: map[[32]byte]*opening{}, perishing: newPerishing(now, c.Tree.Age()),
		behind: map[cell.SessionID][]behind{},
	}
	if c.Birth != nil {
		m.lengths = c.Birth.Lengths
	}
	m.takeOver(now)
	if c.Birth != nil {
		m.own(c.Birth)
	} else {
		m.own(&c.First)
	}
	m.binding = c.Bind
	out.WakeAt = now
	m.out = nil
	return m
}

// takeOver builds what a master keeps in memory from the tree (C5, C3, L6).
func (m *Master) takeOver(now lease.Instant) {
	g := m.tree.Granted()
	if !m.tree.Born() {
		g = cell.Granted{SessionLease: m.lengths.SessionLease, CacheLease: m.lengths.CacheLease}
	}
	m.sessions = session.NewTable(lease.Duration(g.SessionLease)) // the longest that may be running
	var caching []cell.SessionID
	for _, id := range m.tree.Sessions() {
		v, _ := m.tree.Session(id)
		if v.Caching {
			caching = append(caching, id)
		}
		if v.Ended {
			m.reaps.add(id)
			if m.tree.HoldCount(id) > 0 {
				m.sessions.KilledBefore(now, id)
			}
			continue
		}
		l := m.takeOverSession(now, &v)
		l.Caching, l.Spoke = v.Caching, v.Caching // it has read: its client knows it
	}
	first := uint64(m.epoch) << 32 // incarnations differ from those of every other mastership
	m.dir = directory.New(now, lease.Duration(g.CacheLease), first, caching)
	for _, d := range m.tree.Delays() {
		m.delays.Start(now, lock.Key(d.Key), d.Length)
	}
	m.takeOverHolds(now)
}

// Epoch names the mastership.
func (m *Master) Epoch() cell.Epoch { return m.epoch }

// Ready reports whether the first own transaction has been applied: before, nothing is answered.
func (m *Master) Ready() bool { return m.failover.stage > Rebuilding }

// Stage is how far it has come in taking over.
func (m *Master) Stage() Stage { return m.failover.stage }

// Sessions is how many sessions are alive.
func (m *Master) Sessions() int { return m.sessions.Len() }

// Step takes inputs at a moment and appends to out. Transactions applied come first, so that no
// read is answered with newer data than the events that are out (C9).
func (m *Master) Step(at Moment, in []Input, out *Out) {
	m.at, m.out = at, out
	m.excuse()
	m.tellFull()
	m.advance()
	for _, i := range in {
		if a, ok := i.(*Applied); ok {
			m.applied(&a.Applied)
		}
	}
	cell.Assert(m.seen == m.tree.Mark(), "the tree is at %v, told were transactions up to %v", m.tree.Mark(), m.seen)
	m.advance()
	m.runMoved()
	m.answerHeld()
	for _, i := range in {
		m.take(i)
	}
	m.dir.Tick(at.Now, &m.fx) // after the acks that came: they may have waited for us
	m.spread()
	m.advance()
	m.bind()
	m.adapt()
	m.logSilence()
	m.endOverdue()
	m.reap()
	m.perish()
	m.markCaching()
	m.goOn()
	m.tire()
	m.feedWatches()
	m.answerKeepAlives()
	out.WakeAt = m.wake()
	m.out = nil
}

func (m *Master) take(i Input) {
	switch i := i.(type) {
	case Message:
		m.message(i)
	case StreamDown:
		m.streamDown(i.Stream)
	case Bind:
		m.binding = i.Members
	case Own:
		m.own(i.Op)
	}
}

// bind proposes the newest member list asked for.
func (m *Master) bind() {
	if m.Ready() && m.binding != nil {
		m.own(&tree.Bind{Members: m.binding})
		m.binding = nil
	}
}

// excuse moves deadlines by our own lateness (L7). A lapse of the lease ends by the clock that advance
// has read: its time is excused there.
func (m *Master) excuse() {
	now := m.at.Now
	if m.at.Late > session.TardyAfter {
		m.load.late(now)
		m.sessions.Excuse(now.Add(-m.at.Late), now)
		m.perishing.age.excuse(m.at.Late)
		m.dir.Excuse(now.Add(lease.Second))
	}
	if now >= m.at.Lease {
		m.dir.Excuse(now.Add(lease.Second))
	}
}

func (m *Master) wake() lease.Instant {
	now := m.at.Now
	if !m.holds() {
		return max(now, min(m.dir.Wake(), now.Add(lapsedPoll)))
	}
	if len(m.work) > 0 {
		return now
	}
	return max(now, min(m.dir.Wake(), m.reaps.wake(), m.sessions.Wake(), m.delays.Wake(), m.overdue.Next(),
		m.lingering.wake(), m.perishing.wake(now), m.lengthsWake()))
}

// Lose ends the mastership: every stream is told what is known instead, and closed. The master is of no use
// after.
func (m *Master) Lose(now lease.Instant, instead call.Located, out *Out) {
	m.at.Now, m.out = now, out
	for _, id := range m.streamIDs() {
		m.send(id, &instead)
		out.Closes = append(out.Closes, Close{Stream: id, Why: instead.Why})
	}
	clear(m.streams)
	m.enter(Over)
	out.WakeAt = lease.Never
	m.out = nil
}
