package world

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/recipe/steps"
	"github.com/leasehold/leasehold/client/session"
	"github.com/leasehold/leasehold/replica/tree"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Users of elections, groups and numbers.

const (
	election = under + "election"
	group    = under + "group"
	numbers  = under + "numbers"
)

// lead wins the election, announces itself, leads for a while and withdraws before it gives the lock
// back; or loses it.
func (p *player) lead() error {
	hold, err := p.Lock(election, -1)
	if err != nil {
		return err
	}
	defer p.Unlock(hold)
	held, _ := p.Within(hold)
	node, err := steps.Announce(held, election, steps.Leader{Value: p.id(), Held: hold.Sequencer()})
	if err != nil {
		return err
	}
	p.cell().counters.Leads++
	left, h := false, hold.(ownHold).h
	p.cell().recipes.Enter(election, p.who, 1, func() bool { return !left && p.v.holding(h) })
	_ = held.(*port).rest(p.v.loop().Skewed(Millisecond, 2*Second))
	left = true
	steps.Withdraw(p.port, node)
	return nil
}

func (p *player) id() []byte { return strconv.AppendInt(nil, int64(p.who), 10) }

// observe follows the election until its session ends.
func (p *player) observe() error {
	c := p.cell()
	sight := c.recipes.Observe(p.who, func() bool { return p.v.dead || p.v.machine.State() != session.Connected })
	o := &steps.Observer{Holds: p.holds, Tell: func(l steps.Leader) bool {
		if !l.None() {
			c.counters.Observed++
		}
		sight.Told(string(l.Value), l.Held)
		return !p.stopped
	}}
	f := p.Watch(steps.Announcement(election), steps.Alone).(*feed)
	defer f.Stop()
	defer sight.End()
	for was := session.State(0); ; {
		is := func() session.State { return p.v.machine.State() }
		if err := p.wait(func() {}, func() bool { return f.come() || is() != was }); err != nil {
			return err
		}
		sight.Looks()
		e, ok, err := f.Poll()
		switch {
		case err != nil:
			o.Lose()
			return err
		case ok:
			o.Note(e)
		default:
			was = is()
			o.Away(was != session.Connected)
		}
		o.Settle()
	}
}

// holds asks the master whether a hold stands, until there is an answer.
func (p *player) holds(q cell.Sequencer) bool {
	for {
		_, err := p.ask(&call.CheckSequencer{Sequencer: q})
		if err == nil || p.stopped || isAny(err, cell.ErrStaleSequencer, cell.ErrSessionExpired, cell.ErrClosed) {
			return err == nil
		}
		if p.rest(100*Millisecond) != nil {
			return false
		}
	}
}

// join is in the group for a while.
func (p *player) join() error {
	node, err := steps.OwnWhenFree(p.port, fmt.Sprint(group, "/", p.v.u.node), p.id())
	if err != nil {
		return err
	}
	p.cell().counters.Joined++
	_ = p.rest(p.v.loop().Skewed(Millisecond, 2*Second))
	return p.Remove(node)
}

// watchGroup follows the group until its session ends.
func (p *player) watchGroup() error {
	c := p.cell()
	w := c.groups.Watch(p.who, func() bool { return p.v.dead || p.v.machine.State() != session.Connected })
	defer w.End()
	return steps.WatchGroup(p.port, group, func(ch steps.Change) bool {
		if p.stopped {
			return false
		}
		c.counters.Changes++
		w.Told(membersOf(ch.Left), membersOf(ch.Joined), membersOf(ch.All))
		return true
	})
}

func membersOf(some []steps.Member) (all []check.Member) {
	for _, m := range some {
		all = append(all, check.Member{ID: m.ID, Joined: m.Joined})
	}
	return all
}

// bookGroup enters who came to the group, and who went.
func (c *Cell) bookGroup(done tree.Applied) {
	for _, ch := range done.Changes {
		id, below := strings.CutPrefix(string(ch.Name), group+"/")
		switch {
		case !below:
		case ch.Kind == call.EventCreated:
			c.groups.Joined(check.Member{ID: id, Joined: ch.Stat.Instance})
		case ch.Kind == call.EventDeleted:
			c.groups.Left(id)
		}
	}
}

// name takes some numbers, a block at a time.
func (p *player) name() error {
	c, n := p.cell(), &steps.Numbers{Name: numbers}
	block := uint64(1 + c.loop.Below(3))
	giver := c.recipes.Numbers(p.who, block == 1)
	for range 1 + c.loop.Below(6) {
		giver.Asks()
		id, err := n.Next(p.port, block)
		if err != nil {
			return err
		}
		giver.Gives(id)
		c.counters.Named++
	}
	return nil
}
