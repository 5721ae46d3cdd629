package world

import (
	"fmt"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// User is a computer with a client process on it.
type User struct {
	cell  *Cell
	node  Node
	clock *Clock
	until True // paused until then
	visit *visit
}

// visit is one life of a client process: one session, with its cache, as package client has it.
type visit struct {
	u        *User
	machine  *session.Machine
	cache    *cache.Cache
	out      session.Out
	inbox    []session.Input
	turning  bool
	waking   lease.Instant
	links    map[uint64]uint64 // the session's number of a link to the network's
	numbers  map[uint64]uint64 // and back
	last     uint64            // id given out
	asked    map[uint64]func(session.Done)
	holds    map[uint64]*hold
	watches  map[uint64]*watching
	feeds    map[uint64]*feed // of actors
	actors   []*actor
	deaf     bool // it never gives back what was taken from it
	order    *check.Order
	proofs   []*hold     // of now and before
	mine     []cell.Name // ephemerals, as far as the session was told
	busy     int
	dials    uint64
	reading  map[uint64]*replicaRead // by the tag of their link
	seen     cell.Zxid               // the newest that a call has shown
	locking  int
	dead     bool
	doomed   bool // somebody kills its session: its ephemerals go when the cell says so, whatever it knows
	quitting bool // it closes its session
}

// start begins a process with a new session.
func (u *User) start() {
	if u.visit != nil {
		return
	}
	c := u.cell
	v := &visit{u: u, cache: cache.New(2 << 10), links: map[uint64]uint64{}, numbers: map[uint64]uint64{},
		asked:   map[uint64]func(session.Done){},
		reading: map[uint64]*replicaRead{}, holds: map[uint64]*hold{}, watches: map[uint64]*watching{},
		feeds: map[uint64]*feed{},
		deaf:  !c.healed && c.loop.Chance(50_000), order: check.NewOrder(c.court, int(u.node)), waking: lease.Never}
	var key cell.SessionKey
	for i := range key {
		key[i] = byte(c.loop.Below(256))
	}
	var ends []string
	for _, m := range c.machines {
		ends = append(ends, address(m.node))
	}
	v.machine = session.New(session.Config{Key: key, Identity: u.name(), Cell: "local",
		Endpoints: ends, Grace: lease.Duration(c.swarm.Grace), Seed: c.loop.Number()})
	u.visit = v
	c.network.Join(u.node, v.deliver)
	v.push(session.Wake{})
	v.work()
	v.play()
}

func (u *User) name() string { return fmt.Sprintf("user %d", u.node) }

// address is where a node takes clients; nodeAt is its inverse.
func address(n Node) string { return fmt.Sprintf("sim:%d", n) }

func nodeAt(address string) (n Node) {
	_, err := fmt.Sscanf(address, "sim:%d", &n)
	cell.Assert(err == nil, "the address %q", address)
	return n
}

// crash ends the process; what it had begun and not been told stays open.
func (u *User) crash() {
	if u.visit == nil {
		return
	}
	u.cell.loop.Say("user %d crashes", u.node)
	u.visit.die()
	u.visit = nil
	u.cell.network.Leave(u.node, u.cell.loop.Chance(300_000))
	u.cell.loop.After(u.cell.loop.Skewed(10*Millisecond, 10*Second), u.start)
}

func (u *User) now() lease.Instant { return u.clock.Read(u.cell.loop.Now()) }

func (v *visit) loop() *Loop { return v.u.cell.loop }

func (v *visit) alive(f func()) func() {
	return func() {
		if !v.dead {
			f()
		}
	}
}

// push hands the machine one input; a turn takes it.
func (v *visit) push(in session.Input) {
	v.inbox = append(v.inbox, in)
	v.soon(v.loop().Skewed(Microsecond, 300*Microsecond))
}

func (v *visit) soon(d True) {
	if !v.turning {
		v.turning = true
		v.loop().At(max(v.loop().Now()+d, v.u.until), v.alive(v.turn))
	}
}

// goOn ends a pause: a turn is planned for its end, which may be long after everything heals. That one
// comes too, and finds little to do.
func (v *visit) goOn() {
	v.turning = false
	v.soon(0)
}

// turn takes one input, steps, and carries out what came of it.
func (v *visit) turn() {
	v.turning = false
	in := session.Input(session.Wake{})
	if len(v.inbox) > 0 {
		in, v.inbox = v.inbox[0], v.inbox[1:]
	}
	v.out.Reset()
	v.machine.Step(v.u.now(), in, &v.out)
	v.carryOut()
	v.wakeAt(v.out.WakeAt)
	if len(v.inbox) > 0 {
		v.soon(v.loop().Skewed(0, 50*Microsecond))
	}
}

func (v *visit) wakeAt(at lease.Instant) {
	v.waking = at
	if at == lease.Never {
		return
	}
	when := max(v.u.clock.When(at), v.loop().Now()+Microsecond) + v.loop().Skewed(0, 5*Millisecond)
	v.loop().At(when, v.alive(func() {
		switch {
		case v.waking != at:
		case v.u.now() < at:
			v.wakeAt(at)
		default:
			v.soon(0)
		}
	}))
}

// carryOut does what a step asked for, list by list, in the order of Out.
func (v *visit) carryOut() {
	for _, op := range v.out.Cache {
		v.onCache(op)
	}
	v.revalidate()
	for _, m := range v.out.Moves {
		v.moveHold(m)
	}
	for _, e := range v.out.Ends {
		v.endHold(e.Hold, e.Why)
	}
	for _, e := range v.out.Events {
		v.event(e)
	}
	for _, s := range v.out.States {
		v.changed(s)
	}
	for _, d := range v.out.Done {
		v.done(d)
	}
	for _, l := range v.out.Closes {
		v.u.cell.network.Close(v.u.node, v.links[l])
		delete(v.numbers, v.links[l])
		delete(v.links, l)
	}
	for _, c := range v.out.Connects {
		v.u.cell.network.Dial(v.u.node, nodeAt(c.Address), Client, c.Link)
	}
	for _, s := range v.out.Sends {
		if v.withheld(s.Msg) {
			continue
		}
		kind, body := call.Encode(s.Msg)
		v.u.cell.sent(v.u.cell.network.Send(v.u.node, v.links[s.Link], kind, body))
	}
	for _, line := range v.out.Lines {
		v.loop().Say("user %d: %s", v.u.node, line.Text)
	}
}

func (v *visit) onCache(op session.CacheOp) {
	switch op.Kind {
	case session.CacheSetAside:
		v.cache.SetAside()
	case session.CacheBegin:
		v.cache.Begin(op.Incarnation)
	case session.CacheRenew:
		v.cache.Renew(op.Incarnation, op.Until)
	case session.CacheInvalidate:
		if op.Everything {
			v.cache.InvalidateAll()
		}
		v.cache.Invalidate(op.Names)
	case session.CacheDrop:
		v.cache.Drop()
	}
}

// deliver takes what the network brings.
func (v *visit) deliver(d Delivery) {
	if d.Tag >= replicaTags {
		v.fromReplica(d)
		return
	}
	switch d.What {
	case Up:
		v.links[d.Tag], v.numbers[d.Link] = d.Link, d.Tag
		v.push(session.LinkUp{Link: d.Tag})
	case Refused:
		v.push(session.LinkDown{Link: d.Tag, Why: "refused"})
	case Down:
		delete(v.links, d.Tag)
		v.push(session.LinkDown{Link: d.Tag, Why: "broken"})
	case Frame:
		msg, err := call.Decode(d.Type, d.Body)
		if err != nil {
			v.u.cell.court.Fail("B1", "user %d cannot read what machine %d sent: %v", v.u.node, d.Peer, err)
			return
		}
		v.push(session.Received{Link: d.Tag, Msg: msg})
	}
}

// changed follows the session's state; a new one begins after its end.
func (v *visit) changed(s session.State) {
	v.loop().Say("user %d is %v", v.u.node, s)
	v.wakeActors()
	switch s {
	case session.Expired:
		v.u.cell.counters.Expiries++
		v.over()
	case session.Closed:
		v.over()
	case session.Connected:
		v.subscribe()
	}
}

func (v *visit) over() {
	v.loop().After(v.loop().Skewed(10*Millisecond, 2*Second), v.alive(func() {
		v.die()
		v.u.visit = nil
		v.u.cell.network.Leave(v.u.node, false)
		v.u.start()
	}))
}
