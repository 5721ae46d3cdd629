package world

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/recipe/steps"
	"github.com/leasehold/leasehold/client/session"
)

// node and ownHold are what a port hands to recipes.
type node struct {
	name     cell.Name
	instance uint64
}

func (n node) Name() string     { return string(n.name) }
func (n node) Instance() uint64 { return n.instance }

type ownHold struct {
	id uint64
	h  *hold
}

func (o ownHold) Sequencer() cell.Sequencer { return o.h.sequencer }

// do makes a change and waits for its outcome. late is told of one that nobody waits for any more.
func (p *port) do(op call.Op, late func(call.Result)) (r call.Result, err error) {
	over, gone := false, false
	waited := p.wait(func() {
		p.v.mutate(op, func(d session.Done) {
			if gone && d.Err == nil && late != nil {
				late(d.Result)
			}
			r, err, over = d.Result, d.Err, true
			p.wake()
		})
	}, func() bool { return over })
	if waited != nil {
		gone = true
		return call.Result{}, waited
	}
	return r, err
}

func pointer(q cell.Sequencer) *cell.Sequencer {
	if q == (cell.Sequencer{}) {
		return nil
	}
	return &q
}

// Own: see steps.Port.
func (p *port) Own(name string, data []byte, sequential bool, held cell.Sequencer) (steps.Node, error) {
	remove := func(s cell.Stat) { // its maker has given up
		p.v.mutate(&call.Delete{Name: s.Name, Instance: s.Instance}, func(session.Done) {})
	}
	r, err := p.do(&call.Create{Name: name, Contents: data, Ephemeral: true, Sequential: sequential,
		IfHeld: pointer(held)}, func(r call.Result) { remove(r.Stat) })
	return node{r.Stat.Name, r.Stat.Instance}, err
}

// Folder: see steps.Port.
func (p *port) Folder(name string) error {
	_, err := p.do(&call.Create{Name: name, Parents: true, Lasting: call.Lasting{Container: true}}, nil)
	if isAny(err, cell.ErrExists) {
		return nil
	}
	return err
}

// Remove: see steps.Port.
func (p *port) Remove(n steps.Node) error {
	_, err := p.do(&call.Delete{Name: n.(node).name, Instance: n.(node).instance}, nil)
	return err
}

// Create: see steps.Port.
func (p *port) Create(name string, data []byte, sequential bool) (string, error) {
	r, err := p.do(&call.Create{Name: name, Contents: data, Sequential: sequential, Parents: true}, nil)
	return string(r.Stat.Name), err
}

// Delete: see steps.Port.
func (p *port) Delete(name string) error {
	_, err := p.do(&call.Delete{Name: cell.Name(name)}, nil)
	return err
}

// Txn: see steps.Port.
func (p *port) Txn(parts ...call.Part) (refused int, err error) {
	r, err := p.do(&call.Txn{Parts: parts}, nil)
	return r.Refused - 1, err
}

// Write: see steps.Port.
func (p *port) Write(name string, data []byte, generation uint64, held cell.Sequencer) error {
	op := &call.Write{Name: cell.Name(name), Contents: data, IfHeld: pointer(held)}
	if generation > 0 {
		op.IfGeneration = &generation
	} else {
		op.OrCreate, op.Parents = true, true
	}
	_, err := p.do(op, nil)
	return err
}

// TryLock: see steps.Port.
func (p *port) TryLock(n steps.Node) (steps.Hold, error) {
	return p.acquire(call.Acquire{Name: n.(node).name, Instance: n.(node).instance, Mode: cell.Exclusive, Delay: -1})
}

// Lock: see steps.Port.
func (p *port) Lock(name string, delay int64) (steps.Hold, error) {
	return p.acquire(call.Acquire{Name: cell.Name(name), Mode: cell.Exclusive, Wait: true, Create: true, Delay: delay})
}

func (p *port) acquire(op call.Acquire) (steps.Hold, error) {
	v := p.v
	var got *hold
	var why error
	var id uint64
	over, gone := false, false
	waited := p.wait(func() {
		v.last++
		id = v.last
		v.asked[id] = func(d session.Done) {
			switch over = true; {
			case d.Err != nil:
				why = d.Err
			case d.Cancelled:
				why = cell.ErrClosed
			default:
				if got = v.granted(d, op); gone {
					v.unlock(id)
				}
			}
			p.wake()
		}
		v.push(session.Acquire{ID: id, Op: op})
	}, func() bool { return over })
	switch {
	case waited != nil:
		if gone = true; !p.stopped {
			v.cancel(id)
		}
		return nil, waited
	case why != nil:
		return nil, why
	}
	return ownHold{id, got}, nil
}

// Unlock: see steps.Port.
func (p *port) Unlock(h steps.Hold) {
	if !p.stopped {
		p.v.unlock(h.(ownHold).id)
	}
}

// Within: see steps.Port.
func (p *port) Within(h steps.Hold) (steps.Port, func()) {
	return &port{p.actor, append(p.within[:len(p.within):len(p.within)], h.(ownHold).h), p.over}, func() {}
}

// Parting: see steps.Port.
func (p *port) Parting() (steps.Port, func()) { return &port{actor: p.actor}, func() {} }
