package world

import (
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Machine is a computer with a disk and a clock that runs one replica at a time. What survives
// a crash is here; what does not is in its life.
type Machine struct {
	cell    *Cell
	node    Node
	id      cell.ReplicaID
	clock   *Clock
	disk    *Disk
	slow    True // added to every sync for now
	full    bool // its disk is, as good as
	until   True // paused until then
	life    *life
	lives   int
	kept    *Disk        // a copy of the directory
	boot    uint64       // that the copy was made in
	old     bool         // the directory was put back from the copy
	away    bool         // it is not started: not yet, or never again
	twin    *Machine     // the other that has this id; nil: none
	copy    bool         // it was started on a copy of a directory beside the original
	gone    bool         // it was removed from the cell, and ended, or died before
	joins   cell.Member  // what it is to be in the list; zero: it was there from the beginning
	format  uint32       // the highest that its program knows
	flipped bool         // a bit has flipped in its tree, and it was not replaced since
	flips   int          // how many bits have flipped in all its trees
	file    cell.Members // the list in its file; nil: that of the beginning
}

// life is one process: from a start to the next crash.
type life struct {
	m        *Machine
	brain    brain
	worker   *Worker
	position *check.Position
	inbox    []replica.Input
	turning  bool
	waking   lease.Instant // the newest WakeAt
	out      effects
	links    map[Node]uint64 // the protocol link with each peer
	bulk     bulk
	dead     bool
}

// start recovers the disk and begins a new life. A refusal here is a bug of ours: no fault
// that the world draws may leave a directory that does not start.
func (m *Machine) start() {
	if m.life != nil || m.away {
		return
	}
	r, err := m.disk.Open()
	if err != nil {
		m.cell.court.Fail("Z11", "machine %d does not start after a crash: %v", m.node, err)
		return
	}
	if r.TornBytes > 0 {
		m.cell.counters.TailsCut++
	}
	hard := r.Hard
	if !r.HadHard {
		hard.Incarnation = cell.Incarnation(m.cell.loop.Number())
		if m.joins.ID != 0 {
			hard.Standing = record.Learner // its directory was adopted
		}
	}
	hard.Boot++
	m.lives++
	l := &life{m: m, links: map[Node]uint64{}, waking: lease.Never}
	l.bulk.life = l
	m.life = l
	l.worker = NewWorker(m.cell.loop, m.disk, &m.slow, &m.cell.late, m.cutMidway)
	l.worker.Do(Job{Save: &hard, Done: func() { l.begin(r, hard) }})
}

// begin makes the machines, once the new boot counter is durable (Z11).
func (l *life) begin(r record.Recovered, hard record.HardState) {
	m := l.m
	m.cell.loop.Say("machine %d starts for the %d. time, log %v, current epoch %d, standing %d",
		m.node, hard.Boot, r.Summary.Last, hard.CurrentEpoch, hard.Standing)
	l.position = m.cell.history.Start(int(m.node), r.Summary.Snapshot)
	l.out.reset()
	l.brain = m.cell.newBrain(l, r, hard)
	m.cell.network.Join(m.node, l.deliver)
	for _, peer := range m.cell.machines {
		if peer.node > m.node {
			l.dial(peer.node)
		}
	}
	l.observe()
	l.carryOut()
	if m.full {
		l.push(m.room())
	}
}

// crash ends the life where it stands.
func (m *Machine) crash(power bool) {
	l := m.life
	if l == nil {
		return
	}
	m.cell.loop.Say("machine %d crashes, power %v", m.node, power)
	before := m.disk.Found()
	l.dead = true
	l.worker.Stop()
	m.life = nil
	m.cell.network.Leave(m.node, power && m.cell.loop.Chance(500_000))
	m.disk.Crash(power)
	c := &m.cell.counters
	c.Crashes++
	if power {
		c.PowerCuts++
		m.clock.Reboot(m.cell.loop.Now(), lease.Instant(m.cell.loop.Between(Second, 60*Second)))
	}
	after := m.disk.Found()
	c.LostWrites += after.Lost - before.Lost
	c.TornWrites += after.Torn - before.Torn
	c.Holes += after.Holes - before.Holes
	if after != before {
		c.Restarts++
	}
}

// cutMidway cuts the machine's power, at times, between two steps of its disk.
func (m *Machine) cutMidway() bool {
	c := m.cell
	if !c.loop.Chance(c.midway) || !m.mayCrash() {
		return false
	}
	c.counters.Midway++
	m.crash(true)
	m.restart(c.loop.Skewed(5*Millisecond, 8*Second))
	return true
}

// ended: the replica ends its process. No fault drawn here may have that, but one: a directory that
// was put back from a copy (Z11).
func (m *Machine) ended(why string) {
	m.cell.loop.Say("machine %d ends: %s", m.node, why)
	if m.away {
		return
	}
	if strings.Contains(why, "removed from the cell") || m.outlived(why) {
		m.wasRemoved()
		return
	}
	if !m.old && m.twin == nil {
		m.cell.court.Fail("Z9", "machine %d ended: %s", m.node, why)
		return
	}
	m.away = true
	m.cell.loop.After(Second, func() { m.crash(false) })
}

// restart starts the machine again after a while.
func (m *Machine) restart(after True) {
	m.cell.loop.After(after, func() {
		if m.life == nil {
			m.start()
		}
	})
}

// now is what this machine's clock shows.
func (m *Machine) now() lease.Instant { return m.clock.Read(m.cell.loop.Now()) }

// stepDown asks the replica to give its mastership up, or to stop for good and cleanly.
func (m *Machine) stepDown() {
	l := m.life
	switch {
	case l == nil || l.brain == nil:
	case m.cell.swarm.Bare || m.cell.loop.Chance(500_000):
		l.push(zab.Resign{Why: "asked to"})
	default:
		l.push(replica.Stop{})
		m.cell.loop.After(m.cell.loop.Skewed(Millisecond, 2*Second), l.alive(func() { m.cell.kill(m) }))
	}
}
