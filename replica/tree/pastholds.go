package tree

import (
	"fmt"
	"slices"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/cell/wire"
)

// pastHolds is the history of a lock: the last MaxPast holds that have ended, oldest first, and their
// hash. It is edited in place only while no view shares it.
type pastHolds struct {
	life uint64
	all  []pastHold
	sum  uint64
}

// pastHold is a hold that has ended; times are the wall clock's, in nanoseconds.
type pastHold struct {
	session      cell.SessionID
	identity     string
	token        uint64
	since, until int64
	end          call.HoldEnd
}

func pastOf(all []pastHold) *pastHolds {
	if len(all) == 0 {
		return nil
	}
	p := &pastHolds{all: all}
	p.rehash()
	return p
}

func (p *pastHolds) rehash() {
	h := hash(0)
	for i := range p.all {
		x := &p.all[i]
		h = h.number(uint64(x.session)).text(x.identity).number(x.token).number(uint64(x.end))
		h = h.number(uint64(x.since)).number(uint64(x.until))
	}
	p.sum = uint64(h)
}

// with is the history and one hold more; p itself, where that was made in this life of the tree.
func (p *pastHolds) with(life uint64, x pastHold) *pastHolds {
	if p == nil {
		p = &pastHolds{life: life}
	} else if p.life != life {
		p = &pastHolds{life: life, all: slices.Clone(p.all)}
	}
	if len(p.all) == MaxPast {
		copy(p.all, p.all[1:])
		p.all = p.all[:MaxPast-1]
	}
	p.all = append(p.all, x)
	p.rehash()
	return p
}

// remember writes down that a hold has ended. One that was taken has been written down when that
// happened, and a waiter held nothing.
func (t *Tree) remember(l *lock, h *hold, how call.HoldEnd, now int64) {
	if h.token == 0 || h.loss.Taken() {
		return
	}
	n := t.ownNode(l.name)
	x := n.edit()
	x.past = x.past.with(t.life, pastHold{session: h.session, identity: t.session(h.session).identity,
		token: h.token, since: h.granted, until: now, end: how})
	t.keepNode(n)
}

func (p *pastHolds) shown() (out []call.Past) {
	if p == nil {
		return nil
	}
	for _, x := range p.all {
		out = append(out, call.Past{Session: x.session, Identity: x.identity, Token: x.token,
			Since: cell.Wall(x.since), Until: cell.Wall(x.until), End: x.end})
	}
	return out
}

func (p *pastHolds) toWire() (out []*wire.Past) {
	if p == nil {
		return nil
	}
	for _, x := range p.all {
		out = append(out, &wire.Past{Session: uint64(x.session), Identity: x.identity, Token: x.token,
			Since: x.since, Until: x.until, End: uint32(x.end)})
	}
	return out
}

func pastFromWire(w []*wire.Past) (*pastHolds, error) {
	var all []pastHold
	for _, x := range w {
		if x.End == 0 || x.End > uint32(call.EndClosed) {
			return nil, fmt.Errorf("a hold that ended by way of %d", x.End)
		}
		all = append(all, pastHold{session: cell.SessionID(x.Session), identity: x.Identity, token: x.Token,
			since: x.Since, until: x.Until, end: call.HoldEnd(x.End)})
	}
	return pastOf(all), nil
}
