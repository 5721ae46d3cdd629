package world

import (
	"errors"
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// mostProofs is how many holds of the past a user remembers, to try what they still prove.
const mostProofs = 6

// remember keeps a hold's sequencer, also for when it proves nothing any more.
func (v *visit) remember(h *hold) {
	v.proofs = append(v.proofs, h)
	if len(v.proofs) > mostProofs {
		v.proofs = v.proofs[1:]
	}
}

// prove shows the sequencer of a hold, of now or of the past: with a change, or to have it
// checked. While the Context lives it must be taken; after an Unlock was answered it must not
// (C2). What the history says of the changes the reference checks.
func (v *visit) prove() {
	if len(v.proofs) == 0 {
		return
	}
	c := v.u.cell
	h := v.proofs[c.loop.Below(len(v.proofs))]
	given := h.given
	judge := func(err error) {
		switch {
		case err == nil && given:
			c.court.Fail("C2", "user %d: %v was taken after it was given back", v.u.node, h.sequencer)
		case err == nil:
			c.counters.Proofs++
		case c.proofs.WasTaken(h.sequencer.Hold): // it proves nothing any more, whatever its Context says
		case errors.Is(err, cell.ErrStaleSequencer) && !h.ended && v.u.now() < h.until:
			c.court.Fail("C2", "user %d: %v was refused while its hold lives: %v", v.u.node, h.sequencer, err)
		}
	}
	if c.loop.Chance(500_000) {
		v.last++
		v.busy++
		v.asked[v.last] = func(d session.Done) {
			v.busy--
			if d.Err == nil && d.Reply != nil {
				judge(d.Reply.Code.Err())
			}
		}
		v.push(session.Ask{ID: v.last, Ask: &call.CheckSequencer{Sequencer: h.sequencer}})
		return
	}
	c.number++
	v.mutate(&call.Write{Name: "/ls/local/proved", OrCreate: true, Contents: []byte(fmt.Sprint(c.number)),
		IfHeld: &h.sequencer}, func(d session.Done) {
		if d.Outcome != session.Unknown {
			judge(d.Err)
		}
	})
}
