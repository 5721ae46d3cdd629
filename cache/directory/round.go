package directory

import (
	"maps"
	"slices"

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

	everything bool // it covers every name
}

// Open begins the round of a write that may change names (each once). Whoever has registered
// one of them is sent an invalidation, and whoever still owes one for them from an earlier
// round is waited for as well. A round that waits for nobody is in fx.Done at once.
func (d *Directory) Open(now lease.Instant, id RoundID, names []cell.Name, fx *Effects) {
	r := d.begin(now, id, fx)
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

// OpenEverything begins the round of a write that changes what may be read of any name (C6): whoever
// has registered anything is sent an invalidation, and whoever owes one is waited for.
func (d *Directory) OpenEverything(now lease.Instant, id RoundID, fx *Effects) {
	r := d.begin(now, id, fx)
	r.everything = true
	d.everything++
	for _, s := range slices.Sorted(maps.Keys(d.cachers)) {
		c := d.cachers[s]
		for _, b := range c.debts {
			d.join(r, b)
		}
		if len(c.regs) == 0 {
			continue
		}
		if now >= c.until {
			d.forget(c)
			continue
		}
		d.unregisterAll(c)
		d.owe(c, &debt{cacher: c, rounds: []*round{r}, everything: true}, fx)
	}
	d.settle(r, fx)
}

func (d *Directory) begin(now lease.Instant, id RoundID, fx *Effects) *round {
	_, twice := d.rounds[id]
	cell.Assert(!twice, "round %d is opened twice", id)
	d.Tick(now, fx) // whose lease is over is not waited for
	r := &round{id: id, opened: now, old: len(d.old.waiting) > 0}
	d.rounds[id] = r
	return r
}

// join makes r wait for a debt.
func (d *Directory) join(r *round, b *debt) {
	if n := len(b.rounds); n == 0 || b.rounds[n-1] != r {
		b.rounds = append(b.rounds, r)
		r.debts++
	}
}

// owe enters a new debt of c, the last on its stream, and tells it.
func (d *Directory) owe(c *cacher, b *debt, fx *Effects) {
	c.seq++
	b.seq = c.seq
	for _, r := range b.rounds {
		r.debts++
	}
	c.debts = append(c.debts, b)
	d.owing.Set(c.session, c.until)
	if b.everything {
		d.broad = append(d.broad, b)
	}
	inv := Invalidation{Session: c.session, Seq: b.seq, Names: make([]cell.Name, len(b.entries)),
		Everything: b.everything}
	for i, e := range b.entries {
		inv.Names[i] = e.name
	}
	fx.Invalidate = append(fx.Invalidate, inv)
}

// joinDebts makes r wait for the acks that are still owed for its names.
func (d *Directory) joinDebts(r *round) {
	for _, e := range r.entries {
		for _, b := range e.debts {
			d.join(r, b)
		}
	}
	for _, b := range d.broad {
		d.join(r, b)
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
				b = &debt{cacher: c, rounds: []*round{r}}
				fresh[c], order = b, append(order, b)
			}
			b.entries = append(b.entries, e)
			e.debts = append(e.debts, b)
			d.unregister(e.regs[len(e.regs)-1])
		}
	}
	for _, b := range order {
		d.owe(b.cacher, b, fx)
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
		if b.everything {
			d.broad = without(d.broad, b)
		}
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
	if r.everything {
		d.everything--
	}
	for _, e := range r.entries {
		e.open--
		cell.Assert(e.open >= 0, "name %s has %d rounds", e.name, e.open)
		d.tidy(e)
	}
	return now.Sub(r.opened)
}
