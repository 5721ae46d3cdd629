package world

import (
	"errors"
	"io"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/record"
	"github.com/leasehold/leasehold/replica/zab"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Cell is one run: the machines, what goes on between them, and the checkers that watch.
type Cell struct {
	loop       *Loop
	swarm      Swarm
	network    *Network
	machines   []*Machine
	court      *check.Court
	history    *check.History
	mastership *check.Mastership
	registers  *check.Registers
	holds      *check.Holds
	reference  *reference
	queue      *check.Queue
	proofs     *check.Proofs
	ephemerals *check.Ephemerals
	txns       *check.Txns
	perish     *check.Perishables
	recipes    *check.Recipes
	groups     *check.Group
	versions   *check.Versions
	feed       *check.Feed
	rights     *check.Rights
	users      []*User
	retired    *Machine // never started again; nil: none
	counters   Counters
	listed     uint64 // index of the newest member list that is committed
	members    cell.Members
	everListed map[cell.ReplicaID]bool // by a committed list
	voters     *check.Members
	judged     uint64 // index of the last record that voters has seen
	swap       *swap  // under way; nil: none
	healed     bool
	endangered bool   // disks were emptied that no protocol can do without
	halts      int    // of a million turns, now
	midway     int    // of a million steps of a disk, now
	late       int    // of a million syncs, now
	stalls     int    // of a million turns, now
	silent     bool   // clients ask for nothing new
	number     uint64 // of the load
}

// NewCell is a cell whose machines are off. Trace lines go to trace, which may be nil.
func NewCell(seed uint64, trace io.Writer) *Cell {
	loop := NewLoop(seed, trace)
	return newCell(loop, DrawSwarm(loop.Dice))
}

func newCell(loop *Loop, swarm Swarm) *Cell {
	court := &check.Court{}
	c := &Cell{
		loop: loop, swarm: swarm, network: NewNetwork(loop), court: court,
		history: check.NewHistory(court), mastership: check.NewMastership(court),
		registers: check.NewRegisters(court), holds: check.NewHolds(court),
		queue: check.NewQueue(court), proofs: check.NewProofs(court), ephemerals: check.NewEphemerals(court),
		txns: check.NewTxns(court), groups: check.NewGroup(court),
		feed: check.NewFeed(), rights: check.NewRights(court),
	}
	c.recipes = check.NewRecipes(court, c.proofs)
	c.perish = check.NewPerishables(court, c.fastest())
	c.versions = check.NewVersions(court)
	c.everListed = map[cell.ReplicaID]bool{}
	c.reference = newReference(c)
	c.network.Rate, c.network.Waits = swarm.Rate, swarm.Waits
	loop.Say("%+v", swarm)
	var id cell.CellID
	id[0] = 1
	for i := range swarm.Replicas {
		of := cell.ReplicaID(i + 1)
		c.addMachine(of, NewDisk(loop.Dice, record.Birth{Cell: id, Name: "local", Replica: of}))
	}
	c.voters = check.NewMembers(court, c.configured(c.machines[0]))
	if swarm.Twins {
		c.addTwin(id)
	}
	for i := range swarm.Clients {
		u := &User{cell: c, node: Node(100 + i)}
		u.clock = NewClock(lease.Instant(loop.Between(Second, 1000*Second)), 0, c.rate())
		c.users = append(c.users, u)
	}
	return c
}

// addTwin puts one more machine beside the others, with the id of one of them: init's directory
// was copied to two. The others reach both, as they would reach a moved address.
func (c *Cell) addTwin(id cell.CellID) {
	of := c.machines[c.loop.Below(len(c.machines))]
	m := c.addMachine(of.id, NewDisk(c.loop.Dice, record.Birth{Cell: id, Name: "local", Replica: of.id}))
	m.twin, of.twin = of, m
}

// addMachine puts one more machine beside the others. It is off.
func (c *Cell) addMachine(id cell.ReplicaID, d *Disk) *Machine {
	m := &Machine{cell: c, node: Node(len(c.machines) + 1), id: id, disk: d}
	m.clock = NewClock(lease.Instant(c.loop.Between(Second, 1000*Second)), c.loop.Now(), c.rate())
	m.format = cell.OldestFormat
	if c.swarm.Mixed && (len(c.members) > 0 || c.loop.Chance(300_000)) {
		m.format = nextFormat
	}
	c.machines = append(c.machines, m)
	return m
}

// fastest is by how many millionths a clock runs faster than true time at the most.
func (c *Cell) fastest() int64 {
	if c.swarm.Beyond {
		return 40 * c.swarm.Lengths.DriftPPM
	}
	return c.swarm.Lengths.DriftPPM
}

// rate draws how fast a clock runs: between 0 and the bound, often at an end of it.
func (c *Cell) rate() int64 {
	bound := int(c.swarm.Lengths.DriftPPM)
	switch c.loop.Below(4) {
	case 0:
		return 0
	case 1:
		return c.fastest()
	}
	return int64(c.loop.Below(bound + 1))
}

func (c *Cell) newBrain(l *life, r record.Recovered, hard record.HardState) brain {
	if c.swarm.Bare {
		return newBare(l, r, hard)
	}
	return newWhole(l, r, hard)
}

// lengths are what the file of a machine says at a start.
func (c *Cell) lengths() cell.Lengths {
	if !c.swarm.Differ {
		return c.swarm.Lengths
	}
	l := drawLengths(c.loop.Dice)
	l.DriftPPM = c.swarm.Lengths.DriftPPM // what clocks do is no setting
	return l
}

// configured is the list of members that a machine's file has.
func (c *Cell) configured(at *Machine) cell.Members {
	if at.file != nil {
		return at.file
	}
	var list cell.Members
	for _, m := range c.machines[:c.swarm.Replicas] {
		list = append(list, cell.Member{ID: m.id, Client: address(m.node), Peer: address(m.node)})
	}
	return list
}

func (c *Cell) idAt(n Node) cell.ReplicaID { return c.machines[n-1].id }

// peerOn is the node at the other end of a protocol link: of two with one id, the one that is meant.
func (l *life) peerOn(link uint64, id cell.ReplicaID) Node {
	for _, m := range l.m.cell.machines {
		if m.id == id && l.links[m.node] == link {
			return m.node
		}
	}
	return Node(id)
}

// observe lets the checkers see what the newest step did, and who holds the mastership now.
func (l *life) observe() {
	c, node := l.m.cell, int(l.m.node)
	for _, e := range l.out.Core.Events {
		switch e := e.(type) {
		case zab.Restored:
			l.position.Jump(e.Mark)
			l.m.restored(l)
		case zab.Leading:
			c.counters.Elections++
			if _, sessions, _ := c.reference.tree.Counts(); sessions > 0 {
				c.counters.FailOvers++
			}
			c.history.Leading(node, e.Epoch)
		case zab.Rolled:
			c.counters.RollOvers++
			c.history.Leading(node, e.Epoch)
		case zab.Fatal:
			if l.m.old {
				break // it was told that its directory is a copy
			}
			l.m.ended(e.Why)
		}
		c.loop.Say("machine %d: %T%+v", node, e, e)
	}
	if len(l.out.Core.Commits) > 0 && c.history.Len() == 0 {
		c.born()
	}
	for _, r := range l.out.Core.Commits {
		if r.Index > c.judged {
			c.judge(r, l)
		}
		l.position.Delivered(r, l.m.disk.Durable())
		c.reference.committed(r)
		if r.Kind == record.Members && r.Index > c.listed {
			before := c.members
			c.listed, c.members = r.Index, l.brain.listed(r.Payload)
			for _, x := range c.members {
				c.everListed[x.ID] = true
			}
			c.changed(before)
		}
	}
	if l.brain != nil {
		l.brain.observe(&l.out, c)
	}
	c.holders()
}

// judge lets the checker of members see a record that is committed, and every disk.
func (c *Cell) judge(r record.Record, l *life) {
	c.judged = r.Index
	var sets cell.Members
	if r.Kind == record.Members {
		sets = l.brain.listed(r.Payload)
	}
	var on []check.Durable
	for _, m := range c.machines {
		on = append(on, m.disk.Durable())
	}
	c.voters.Committed(r, sets, on)
}

// born checks that nobody is left who was never asked: a history might be there (Z11).
func (c *Cell) born() {
	for _, m := range c.machines {
		if m.lives == 0 && m.joins.ID == 0 && (m.twin == nil || m.twin.lives == 0) {
			c.court.Fail("Z11", "a cell is born and machine %d was never started", m.node)
		}
	}
}

// holders asks everybody alive whether it holds the mastership at this instant.
func (c *Cell) holders() {
	var holders []int
	for _, m := range c.machines {
		if m.life != nil && m.life.brain != nil && m.life.brain.holds(m.now()) {
			holders = append(holders, int(m.node))
		}
	}
	c.mastership.Holders(c.loop.Now(), holders)
}

// sent takes what came of a Send: a link may be gone or full, but no machine sends a frame that no
// host would carry (B2).
func (c *Cell) sent(err error) {
	var over *cell.LimitError
	switch {
	case errors.As(err, &over):
		c.court.Fail("B2", "a frame is too large: %v", err)
	case errors.Is(err, cell.ErrOverloaded):
		c.counters.Overflows++
	}
}

// count keeps the counters of what goes from replica to replica.
func (c *Cell) count(msg zab.Message) {
	switch msg.(type) {
	case *zab.Diff:
		c.counters.Diffs++
	}
}
