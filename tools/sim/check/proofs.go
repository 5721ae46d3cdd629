package check

import "github.com/leasehold/leasehold/cell"

// Proofs is a book about holds of its own, kept from what the history did and not from how the
// tree decides: which holds stand, and which a later grant has made stale for ever (C2).
type Proofs struct {
	court  *Court
	stands map[uint64]standing // by hold
	taken  map[uint64]bool
	newest map[cell.Name]*[2]uint64

	endings int
	ended   map[uint64]int // by hold: which ending it was
}

type standing struct {
	session   cell.SessionID
	sequencer cell.Sequencer
}

// NewProofs has seen nothing.
func NewProofs(c *Court) *Proofs {
	return &Proofs{court: c, stands: map[uint64]standing{}, taken: map[uint64]bool{},
		newest: map[cell.Name]*[2]uint64{}, ended: map[uint64]int{}}
}

// Granted says that the history granted q to a session.
func (p *Proofs) Granted(session cell.SessionID, q cell.Sequencer) {
	p.stands[q.Hold] = standing{session, q}
	n := p.newest[q.Name]
	if n == nil {
		n = &[2]uint64{}
		p.newest[q.Name] = n
	}
	n[0] = max(n[0], q.Token())
	if q.Mode == cell.Exclusive {
		n[1] = max(n[1], q.Token())
	}
}

// Released says that the history took a hold, or a waiter, back.
func (p *Proofs) Released(hold uint64) {
	p.endings++
	p.over(hold)
}

func (p *Proofs) over(hold uint64) {
	delete(p.stands, hold)
	if p.ended[hold] == 0 {
		p.ended[hold] = p.endings
	}
}

// Stands reports whether the history has granted q and not ended it.
func (p *Proofs) Stands(q cell.Sequencer) bool { return p.stands[q.Hold].sequencer == q }

// Endings is how often holds have ended so far; EndedBy reports whether a hold had when that was so many.
func (p *Proofs) Endings() int { return p.endings }

// EndedBy: see Endings.
func (p *Proofs) EndedBy(q cell.Sequencer, endings int) bool {
	at := p.ended[q.Hold]
	return at > 0 && at <= endings
}

// Taken says that the history took a hold from its holder: it proves nothing from then on (C1).
func (p *Proofs) Taken(hold uint64) {
	p.Released(hold)
	p.taken[hold] = true
}

// WasTaken reports whether a hold was taken from its holder.
func (p *Proofs) WasTaken(hold uint64) bool { return p.taken[hold] }

// NodeGone says that a node went, and with it every hold of its lock.
func (p *Proofs) NodeGone(name cell.Name) {
	p.end(func(s standing) bool { return s.sequencer.Name == name })
}

// SessionEnded says that the history marked a session as ended.
func (p *Proofs) SessionEnded(id cell.SessionID) {
	p.end(func(s standing) bool { return s.session == id })
}

func (p *Proofs) end(over func(standing) bool) {
	p.endings++
	for hold, s := range p.stands {
		if over(s) {
			p.over(hold)
		}
	}
}

// Took says that the history took a change which q was to prove.
func (p *Proofs) Took(q cell.Sequencer, at cell.Zxid) {
	if s := p.stands[q.Hold]; s.sequencer != q {
		p.court.Fail("C2", "a change with the sequencer %v was taken at %v; that hold does not stand", q, at)
		return
	}
	newest := p.newest[q.Name][1] // a shared one is made stale by exclusive ones
	if q.Mode == cell.Exclusive {
		newest = p.newest[q.Name][0]
	}
	if q.Token() < newest {
		p.court.Fail("C2", "a change with the sequencer %v was taken at %v, after a grant under token %d", q, at, newest)
	}
}
