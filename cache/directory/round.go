package directory

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/lease"
)

// round is the invalidation of one write, from Open to Close.
type round struct {
	id      RoundID
	opened  lease.Instant
	entries []*entry
	debts   int  // unpaid debts it waits for
	old     bool // it waits for the fail-over's suspects too
	done    bool
}

// Open begins the round of a write that may change names (each once). Whoever has registered
// one of them is sent an invalidation, and whoever still owes one for them from an earlier
// round is waited for as well. A round that waits for nobody is in fx.Done at once.
func (d *Directory) Open(now lease.Instant, id RoundID, names []cell.Name, fx *Effects) {
	_, twice := d.rounds[id]
	cell.Assert(!twice, "round %d is opened twice", id)
	d.Tick(now, fx) // whose lease is over is not waited for
	r := &round{id: id, opened: now, old: len(d.old.waiting) > 0}
	d.rounds[id] = r
	r.entries = make([]*entry, 0, len(names))
	for _, n := range names {
		e := d.entry(n)
		e.open++
		r.entries = append(r.entries, e)
	}
	d.joinDebts(r)
	d.invalidate(now, r, fx)
	d.settle(r, fx)
}

// joinDebts makes r wait for the acks that are still owed for its names.
func (d *Directory) joinDebts(r *round) {
	for _, e := range r.entries {
		for _, b := range e.debts {
			if n := len(b.rounds); n == 0 || b.rounds[n-1] != r {
				b.rounds = append(b.rounds, r)
				r.debts++
			}
		}
	}
}

// invalidate takes the registrations of r's names away: each cacher with a running lease owes
// one ack for all of them together.
func (d *Directory) invalidate(now lease.Instant, r *round, fx *Effects) {
	var fresh map[*cacher]*debt // made when there is somebody to tell
	var order []*debt
	for _, e := range r.entries {
		for len(e.regs) > 0 {
			c := e.regs[len(e.regs)-1].cacher
			if now >= c.until {
				cell.Assert(len(c.debts) == 0, "session %v owes beyond its lease", c.session)
				d.forget(c)
				continue
			}
			b, ok := fresh[c]
			if !ok {
				if fresh == nil {
					fresh = map[*cacher]*debt{}
				}
				c.seq++
				b = &debt{cacher: c, seq: c.seq, rounds: []*round{r}}
				fresh[c], order = b, append(order, b)
			}
			b.entries = append(b.entries, e)
			e.debts = append(e.debts, b)
			d.unregister(e.regs[len(e.regs)-1])
		}
	}
	for _, b := range order {
		c := b.cacher
		r.debts++
		c.debts = append(c.debts, b)
		d.owing.Set(c.session, c.until)
		inv := Invalidation{Session: c.session, Seq: b.seq, Names: make([]cell.Name, len(b.entries))}
		for i, e := range b.entries {
			inv.Names[i] = e.name
		}
		fx.Invalidate = append(fx.Invalidate, inv)
	}
}

// Ack is the session's word that it has obeyed every invalidation up to seq of its newest
// stream, and knows the incarnation (0: says nothing of it). Numbers from the future count for
// nothing.
func (d *Directory) Ack(s cell.SessionID, seq, incarnation uint64, fx *Effects) {
	c, ok := d.cachers[s]
	if !ok || seq > c.seq {
		return
	}
	if incarnation == c.inc {
		c.unacked = false
	}
	d.pay(c, seq, fx)
}

// pay ends c's debts up to seq.
func (d *Directory) pay(c *cacher, seq uint64, fx *Effects) {
	for len(c.debts) > 0 && c.debts[0].seq <= seq {
		b := c.debts[0]
		c.debts = c.debts[1:]
		for _, e := range b.entries {
			e.debts = without(e.debts, b)
			d.tidy(e)
		}
		for _, r := range b.rounds {
			r.debts--
			d.settle(r, fx)
		}
	}
	if len(c.debts) == 0 {
		c.debts = nil
		d.owing.Remove(c.session)
	}
}

// settle tells that r waits for nobody any more, once. A round closed early is gone already.
func (d *Directory) settle(r *round, fx *Effects) {
	cell.Assert(r.debts >= 0, "round %d waits for %d debts", r.id, r.debts)
	if r.debts == 0 && !r.old && !r.done && d.rounds[r.id] == r {
		r.done = true
		fx.Done = append(fx.Done, r.id)
	}
}

// Close ends a round: its write has been applied, or will never be proposed. Its names can be
// cached again unless another round covers them. It gives how long the round was open.
func (d *Directory) Close(now lease.Instant, id RoundID) lease.Duration {
	r, ok := d.rounds[id]
	cell.Assert(ok, "round %d is closed but not open", id)
	delete(d.rounds, id)
	for _, e := range r.entries {
		e.open--
		cell.Assert(e.open >= 0, "name %s has %d rounds", e.name, e.open)
		d.tidy(e)
	}
	return now.Sub(r.opened)
}
