package world

import (
	"errors"
	"strconv"

	"github.com/leasehold/leasehold/client/recipe/steps"
)

// Users of tasks: who submits them, who assigns them, and who works.

const tasks = under + "work"

// submit adds a task and waits for its end.
func (p *player) submit() error {
	c := p.cell()
	name, err := steps.Submit(p.port, tasks, p.id())
	if err != nil {
		return err
	}
	c.recipes.Put(name)
	if err := steps.Gone(p.port, name); err != nil {
		return err
	}
	c.recipes.Finished(name, p.who)
	c.counters.Ended++
	return nil
}

// assign gives each task to some worker, whoever that is.
func (p *player) assign() error {
	hold, err := p.Lock(steps.Assigner(tasks), -1)
	if err != nil {
		return err
	}
	defer p.Unlock(hold)
	held, _ := p.Within(hold)
	return steps.Assign(held, tasks, hold.Sequencer(), func(task string, workers []steps.Load) string {
		if p.stopped || len(workers) == 0 {
			return ""
		}
		w := workers[p.v.loop().Below(len(workers))].Worker
		p.v.loop().Say("user %d gives %s to worker %s", p.v.u.node, task, w)
		return w
	})
}

// errEnough ends a worker that could go on.
var errEnough = errors.New("enough")

// worker works on what it is given, and now and then leaves a task to another.
func (p *player) worker() error {
	name := strconv.Itoa(int(p.v.u.node))
	place, err := steps.TakePlaceWhenFree(p.port, steps.Worker(tasks, name))
	if err != nil {
		return err
	}
	defer func() { _ = place.Leave(p.port) }()
	held, _ := p.Within(place.Hold)
	return steps.Work(held, tasks, name, place, func(t steps.Task) error {
		c := p.cell()
		if c.silent || p.stopped {
			return errEnough
		}
		if c.recipes.Begun(t.Name) {
			c.counters.GivenAnew++
		}
		c.loop.Say("worker %s has %s", name, t.Name)
		c.recipes.Delivered(t.Name, p.who)
		p.stay(t.Name, 1, place)
		if err := held.(*port).lost(); err != nil || p.stopped || c.loop.Chance(200_000) {
			return errEnough
		}
		c.recipes.Acking(t.Name)
		return nil
	})
}
