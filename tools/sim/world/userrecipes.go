package world

import (
	"strconv"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/recipe/steps"
	"github.com/leasehold/leasehold/tools/sim/check"
)

// Users of the recipes: the very steps of package recipe, in a session of the simulator.

// under is where they are; how many are let in, and come together.
const (
	under   = "/ls/local/recipe/"
	permits = 2
	meeting = 2
	queued  = 8 // elements that wait, at the most
	slot    = 3 * Second
)

// player uses recipes in one session, until it fails.
type player struct {
	*port
	who int
}

// play begins some of the recipes, each beside the others.
func (v *visit) play() {
	c := v.u.cell
	if !c.swarm.Recipes {
		return
	}
	for _, role := range []func(*player) error{(*player).turn, (*player).permit, (*player).produce, (*player).consume,
		(*player).meet, (*player).count, (*player).plan, (*player).work, (*player).lead, (*player).observe,
		(*player).join, (*player).watchGroup, (*player).name, (*player).submit, (*player).assign, (*player).worker} {
		if c.loop.Chance(500_000) {
			continue
		}
		c.number++
		who := int(c.number)
		v.act(func(p *port) {
			for !p.stopped && !c.silent {
				_ = role(&player{p, who}) // a loss is what it is about: it begins again
				_ = p.rest(c.loop.Skewed(Millisecond, 2*Second))
			}
		})
	}
	if c.loop.Chance(500_000) {
		c.number++
		who := int(c.number)
		v.act(func(p *port) { (&player{p, who}).rounds() })
	}
}

func (p *player) cell() *Cell { return p.v.u.cell }

// stay is in a room under the hold of a place, for a while, and out before the place is left.
func (p *player) stay(room string, most int, place *steps.Place) {
	left, h := false, place.Hold.(ownHold).h
	p.cell().recipes.Enter(room, p.who, most, func() bool { return !left && p.v.holding(h) })
	held, _ := p.Within(place.Hold)
	_ = held.(*port).rest(p.v.loop().Skewed(Millisecond, 2*Second))
	left = true
}

func (p *player) turn() error {
	kind, most := steps.Writer, 1
	if p.v.loop().Chance(500_000) {
		kind, most = steps.Reader, check.Everybody
	}
	place, err := steps.TakeInTurn(p.port, under+"turn", kind)
	if err != nil {
		return err
	}
	p.cell().counters.InTurn++
	p.stay("the sequential lock", most, place)
	return place.Leave(p.port)
}

func (p *player) permit() error {
	place, err := steps.TakePermit(p.port, under+"semaphore", permits)
	if err != nil {
		return err
	}
	p.cell().counters.Permits++
	p.stay("the semaphore", permits, place)
	return place.Leave(p.port)
}

func (p *player) produce() error {
	if p.cell().recipes.Waiting(under+"queue") >= queued {
		return nil
	}
	name, err := steps.Put(p.port, under+"queue", p.v.loop().Below(3), nil)
	if err == nil {
		p.cell().recipes.Put(name)
	}
	return err
}

// consume takes elements one by one, and gives back what it does not acknowledge.
func (p *player) consume() error {
	stand, err := steps.TakeStand(p.port, under+"queue")
	if err != nil {
		return err
	}
	defer func() { _ = stand.Leave(p.port) }()
	held, _ := p.Within(stand.Hold)
	return steps.Take(held, under+"queue", stand, func(k *steps.Claim) bool {
		p.cell().counters.Claims++
		p.cell().recipes.Delivered(k.Name, p.who)
		p.stay(k.Name, 1, k.Place)
		if p.stopped || p.v.loop().Chance(200_000) {
			return k.Return(p.port) == nil && !p.cell().silent
		}
		p.cell().recipes.Acking(k.Name)
		if k.Ack(p.port) == nil {
			p.cell().recipes.Acked(k.Name)
			p.cell().counters.Acks++
		}
		return !p.cell().silent
	})
}

func (p *player) meet() error {
	name := under + "barrier-" + strconv.FormatInt(int64(p.v.loop().Now()/slot), 10)
	p.cell().recipes.Came(name, p.who)
	if err := steps.Meet(p.port, name, meeting); err != nil {
		return err
	}
	p.cell().recipes.Passed(name, meeting)
	p.cell().counters.Meetings++
	return nil
}

// rounds goes from one round of the double barrier to the next.
func (p *player) rounds() {
	c, b := p.cell(), &steps.Rounds{Name: under + "double", N: meeting}
	for !p.stopped && !c.silent {
		c.recipes.Came(b.Name, p.who)
		if b.Enter(p.port) != nil {
			_ = p.rest(c.loop.Skewed(Millisecond, Second))
			continue
		}
		left := false
		c.loop.Say("user %d is in round %d as %d", p.v.u.node, b.Round(), p.who)
		c.recipes.In(b.Name, b.Round(), p.who, meeting, func() bool {
			return !left && !p.v.dead && !p.v.doomed && !p.v.quitting && p.v.u.now() < p.v.machine.LeaseEnd()
		})
		_ = p.rest(c.loop.Skewed(Millisecond, Second))
		left = true
		c.loop.Say("user %d leaves round %d as %d", p.v.u.node, b.Round(), p.who)
		c.recipes.Leaves(b.Name, p.who)
		for b.Leave(p.port) != nil && !p.stopped {
			_ = p.rest(c.loop.Skewed(Millisecond, Second))
		}
		if p.stopped {
			return
		}
		c.loop.Say("user %d is out of round %d as %d", p.v.u.node, b.Round(), p.who)
		c.recipes.Out(b.Round(), p.who)
		c.counters.Together++
	}
}

func (p *player) count() error {
	var n uint64
	err := steps.Update(p.port, under+"count", func(was []byte, _ bool) ([]byte, error) {
		n, _ = strconv.ParseUint(string(was), 10, 64) // nothing is 0
		n++
		return strconv.AppendUint(nil, n, 10), nil
	})
	if err == nil {
		p.cell().recipes.Counted(n)
		p.cell().counters.Counted++
	}
	return err
}

// farm is what is divided up.
const (
	farm   = under + "farm"
	shards = 5
)

func (p *player) plan() error {
	hold, err := p.Lock(farm+"/planner", -1)
	if err != nil {
		return err
	}
	defer p.Unlock(hold)
	held, _ := p.Within(hold)
	return steps.Lead(held, farm, shards, hold.Sequencer())
}

// work is a member: it works on each shard that the plan gives it, beside the others.
func (p *player) work() error {
	node, err := steps.OwnWhenFree(p.port, steps.MembersOf(farm)+"/"+strconv.Itoa(int(p.v.u.node)), nil)
	if err != nil {
		return err
	}
	defer func() { _ = p.Remove(node) }()
	var given [shards]*bool
	end := func(shard int) {
		*given[shard] = true
		p.v.wakeActors()
	}
	defer func() {
		for shard, over := range given {
			if over != nil {
				end(shard)
			}
		}
	}()
	return steps.Follow(p.port, farm, shards, strconv.Itoa(int(p.v.u.node)), func(shard int) {
		over := new(bool)
		given[shard] = over
		p.v.act(func(q *port) {
			q.over = over
			for !q.stopped && !*over && !p.cell().silent {
				_ = (&player{q, p.who}).own(shard)
			}
		})
	}, end)
}

func (p *player) own(shard int) error {
	name := steps.ShardName(farm, shard)
	hold, err := p.Lock(name, -1)
	if err != nil {
		return err
	}
	p.cell().counters.Worked++
	left, h := false, hold.(ownHold).h
	p.cell().recipes.Enter(name, p.who, 1, func() bool { return !left && p.v.holding(h) })
	held, _ := p.Within(hold)
	for err == nil {
		err = held.(*port).rest(p.v.loop().Skewed(Millisecond, 2*Second))
		if p.cell().silent {
			err = cell.ErrClosed
		}
	}
	left = true
	p.Unlock(hold)
	return err
}
