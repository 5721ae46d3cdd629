package tree

import (
	"github.com/leasehold/leasehold/cell"
)

func (c *checker) eachLock() {
	c.t.locks.Scan(func(name cell.Name, l *lock) bool {
		n := c.t.node(name)
		ok := n != nil && l.name == name && n.instance == l.instance && !l.idle()
		if !c.want(ok, "lock %s: idle, or of no node", name) {
			return false
		}
		c.holdsOf(l, n, l.holders, true)
		c.holdsOf(l, n, l.queue, false)
		c.delaysOf(l)
		c.want(len(l.queue) == 0 || !l.admits(l.queue[0].mode), "lock %s is free for who waits first", name)
		c.want(l.held() != cell.Exclusive || len(l.holders) == 1, "lock %s has %d exclusive holders", name, len(l.holders))
		if len(l.holders) > 0 {
			c.held++
			c.want(n.extras().lockGeneration > 0, "lock %s is held in generation 0", name)
		}
		return c.wrong == nil
	})
}

// holdsOf checks a lock's holders, or its waiters.
func (c *checker) holdsOf(l *lock, n *node, holds []*hold, held bool) {
	last := uint64(0)
	for _, h := range holds {
		c.want(h.number > last && cell.Zxid(h.number) <= c.t.mark.Zxid,
			"lock %s: hold %d after %d", l.name, h.number, last)
		last = h.number
		c.want(held == (h.token != 0) && (!held || h.token >= h.number && cell.Zxid(h.token) <= c.t.mark.Zxid),
			"lock %s: hold %d has token %d", l.name, h.number, h.token)
		c.want(h.mode == cell.Exclusive || h.mode == cell.Shared, "lock %s: hold %d has no mode", l.name, h.number)
		c.want(!held || h.mode == l.held(), "lock %s is held in two modes", l.name)
		c.want(h.delay >= 0 && (n.extras().owner == 0 || h.session == n.extras().owner && h.delay == 0),
			"lock %s: hold %d of an ephemeral", l.name, h.number)
		x, own := c.t.session(h.session), c.t.tiesOf(h.session)
		ok := x != nil && (!x.ended || h.loss.Taken())
		if c.want(ok, "lock %s: hold %d has no session", l.name, h.number) {
			at, _ := own.holds.Get(h.number)
			c.want(at == l.name, "lock %s: hold %d is tied to %s", l.name, h.number, at)
		}
		c.want(held || !h.loss.Taken(), "lock %s: waiter %d is taken", l.name, h.number)
		c.want(h.sum == h.hash(l), "lock %s: hold %d has another hash than it had", l.name, h.number)
		c.sum += h.sum
		c.holds++
	}
}

func (c *checker) delaysOf(l *lock) {
	for i, d := range l.delays {
		c.want(d.length > 0 && d.token != 0 && cell.Zxid(d.token) <= c.t.mark.Zxid,
			"lock %s: delay %d", l.name, d.token)
		c.want(i == 0 || l.delays[i-1].token < d.token && l.delays[i-1].length > d.length,
			"lock %s: delay %d after %d", l.name, d.token, l.delays[max(i, 1)-1].token)
		c.want(d.shared || len(l.delays) == 1 && len(l.holders) == 0,
			"lock %s: delay %d keeps out everybody", l.name, d.token)
		c.sum += d.hash(l)
	}
}
