package zab

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/leasehold/leasehold/lease"
)

// trouble draws faults until the world is calm.
func (w *world) trouble() {
	if w.calm {
		return
	}
	n := w.nodes[w.rng.Intn(len(w.nodes))]
	switch w.rng.Intn(13) {
	case 0, 1:
		n.crash()
		w.after(w.between(0, 1500*lease.Millisecond), n.start)
	case 2:
		for _, x := range w.nodes {
			if w.rng.Intn(3) > 0 {
				x.crash()
				w.after(w.between(0, 800*lease.Millisecond), x.start)
			}
		}
	case 3, 4:
		w.partition()
	case 5:
		if len(w.nodes) == 1 {
			break
		}
		p := w.pipes()[w.rng.Intn(len(w.pipes()))]
		p.breakLink(100 * lease.Millisecond)
	case 6:
		n.disk.stall = true
		life := n.life
		w.after(w.between(100*lease.Millisecond, 4*lease.Second), func() {
			if n.life == life {
				n.disk.stall = false
				n.disk.next(n)
			}
		})
	case 7:
		n.takeSnapshot()
	case 8:
		if n.core != nil && !n.frozen {
			n.frozen = true
			life := n.life
			w.after(w.between(50*lease.Millisecond, 1500*lease.Millisecond), func() {
				if n.life == life {
					n.thaw()
				}
			})
		}
	case 9:
		w.emptyDisk(n)
	case 10:
		n.step(Resign{"asked to"})
	case 12:
		w.bounceAround()
	case 11:
		for _, x := range w.nodes {
			if x.core != nil && x.core.Role() == "master" {
				x.crash()
				w.after(w.between(0, 1500*lease.Millisecond), x.start)
			}
		}
	}
	w.after(w.between(50*lease.Millisecond, 900*lease.Millisecond), w.trouble)
}

func (w *world) partition() {
	side := w.rng.Intn(1 << len(w.nodes))
	w.tracef("partition %b", side)
	var cut []*pipe
	for _, p := range w.pipes() {
		if side>>p.a.i&1 != side>>p.b.i&1 && !p.cut {
			p.setCut(true)
			cut = append(cut, p)
		}
	}
	w.after(w.between(200*lease.Millisecond, 3*lease.Second), func() {
		for _, p := range cut {
			p.setCut(false)
		}
	})
}

// bounceAround cuts a master off and restarts all others at once: they must remember that they
// may have promised it something.
func (w *world) bounceAround() {
	for _, m := range w.nodes {
		if m.core == nil || m.core.Role() != "master" {
			continue
		}
		for _, x := range w.nodes {
			if x == m {
				continue
			}
			p := w.pipe(m.i, x.i)
			p.setCut(true)
			w.after(w.between(100*lease.Millisecond, 2*lease.Second), func() { p.setCut(false) })
			x.crash()
			w.after(w.between(0, 20*lease.Millisecond), x.start)
		}
		return
	}
}

// emptyDisk takes a replica's directory away, as long as no other is missing from the list in
// force: more than one at a time may lose history, and must be refused by other means.
func (w *world) emptyDisk(n *node) {
	if len(w.nodes) == 1 {
		return
	}
	for _, x := range w.nodes {
		if x.core == nil || x.disk.hard.Standing != 1 || !x.core.IsBound() || x.core.Changing() {
			return
		}
		for _, m := range x.core.Members() {
			if w.nodes[m.ID-1].disk.hard.Incarnation != m.Incarnation {
				return
			}
		}
	}
	w.tracef("r%d loses its disk", n.id)
	n.crash()
	n.disk.wipe(w)
	w.after(w.between(0, 500*lease.Millisecond), n.start)
}

// load proposes at whoever leads.
func (w *world) load() {
	for _, n := range w.nodes {
		if n.core != nil && !n.frozen && n.app.leads != 0 {
			var in Batch
			for k := w.rng.Intn(4); k >= 0; k-- {
				in = append(in, n.app.next())
			}
			n.step(in)
		}
	}
	w.after(w.between(lease.Millisecond, 40*lease.Millisecond), w.load)
}

// snapshots lets everybody compact its log all the time.
func (w *world) snapshots() {
	w.nodes[w.rng.Intn(len(w.nodes))].takeSnapshot()
	w.after(w.between(lease.Millisecond, 60*lease.Millisecond), w.snapshots)
}

// heal ends all faults.
func (w *world) heal() {
	w.tracef("all is healed")
	w.calm = true
	for _, p := range w.pipes() {
		p.cut = false
	}
	for _, n := range w.nodes {
		n.disk.stall = false
		if n.frozen {
			n.thaw()
		}
		n.start()
		n.disk.next(n)
	}
}

// served reports whether one master leads, and everybody serves with it up to mark.
func (w *world) served(mark int) string {
	master := 0
	for _, n := range w.nodes {
		switch {
		case n.core.Role() == "looking":
			return fmt.Sprintf("r%d looks for a leader", n.id)
		case n.core.Role() == "learner":
			return fmt.Sprintf("r%d is a learner", n.id)
		case n.core.Role() == "master":
			master++
		}
		if int(n.app.applied.Index) < mark {
			return fmt.Sprintf("r%d has applied %v of %d", n.id, n.app.applied, mark)
		}
	}
	if master != 1 {
		return fmt.Sprintf("%d masters", master)
	}
	return ""
}

func runSeed(t testing.TB, seed int64, n int, rollAt uint32) *checks {
	w := newWorld(t, seed, n, rollAt)

	defer func() {
		if r := recover(); r != nil {
			w.fail("%v", r)
		}
	}()
	w.start()
	w.after(0, w.load)
	if seed%5 == 0 {
		w.after(0, w.snapshots)
	}
	w.after(w.between(0, 800*lease.Millisecond), w.trouble)
	w.run(8 * lease.Second)
	w.heal()
	w.run(6 * lease.Second)
	before := len(w.check.history)
	w.run(lease.Second)
	if why := w.served(before); why != "" {
		w.fail("seven seconds after healing %s", why)
	}
	if len(w.check.history) == before || before == 0 {
		w.fail("nothing commits after healing: %d", before)
	}
	return w.check
}

func TestSim_AllRulesHoldUnderFaults(t *testing.T) {
	var sum checks
	for seed := int64(1); seed <= int64(seeds()); seed++ {
		n, rollAt := []int{3, 5, 3, 1}[seed%4], uint32(0)
		if seed%3 == 0 {
			rollAt = 25
		}
		k := runSeed(t, seed, n, rollAt)
		sum.rolled, sum.snaps, sum.follows = sum.rolled+k.rolled, sum.snaps+k.snaps, sum.follows+k.follows
		sum.drops, sum.masters = sum.drops+k.drops, sum.masters+k.masters
	}
	t.Logf("masters %d, roll-overs %d, snapshots %d, followings %d, links dropped %d",
		sum.masters, sum.rolled, sum.snaps, sum.follows, sum.drops)
}

// seeds is how many runs a test makes; ZAB_SEEDS asks for more.
func seeds() int {
	if n, err := strconv.Atoi(os.Getenv("ZAB_SEEDS")); err == nil {
		return n
	}
	return 120
}
