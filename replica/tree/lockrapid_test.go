package tree

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// observer follows the grants of a run and knows what must hold of them.
type observer struct {
	t      *rapid.T
	w      *world
	newest uint64           // token of all
	proofs []cell.Sequencer // of every hold ever granted
	ended  map[uint64]bool  // holds known to be over, by number
}

// grant checks one grant: its token is new, or shared with the holds granted together.
func (o *observer) grant(z cell.Zxid, q cell.Sequencer) {
	require.Equal(o.t, uint64(z), q.Grant)
	require.GreaterOrEqual(o.t, q.Grant, o.newest)
	o.newest = q.Grant
	for _, p := range o.proofs {
		if p.Grant == q.Grant && p.Name == q.Name { // a lock passes at most once per zxid
			require.True(o.t, p.Mode == cell.Shared && q.Mode == cell.Shared && p.Hold != q.Hold)
		}
	}
	o.proofs = append(o.proofs, q)
}

// see takes note of what a transaction did, and compares who stands with who is granted.
func (o *observer) see(a Applied) {
	if q := a.Result.Acquired; q != nil && q.Held && !a.Replayed {
		o.grant(a.Mark.Zxid, q.Sequencer)
	}
	for _, g := range a.Grants {
		o.grant(a.Mark.Zxid, g.State.Sequencer)
	}
	exclusive, shared := map[cell.Name]int{}, map[cell.Name]int{}
	for _, q := range o.proofs {
		stands := o.w.a.CheckSequencer(q)
		require.False(o.t, stands && o.ended[q.Hold], "%v stands again", q)
		o.ended[q.Hold] = !stands
		if stands && q.Mode == cell.Exclusive {
			exclusive[q.Name]++
		} else if stands {
			shared[q.Name]++
		}
	}
	for _, n := range lockNames {
		require.LessOrEqual(o.t, exclusive[n], 1)
		require.False(o.t, exclusive[n] == 1 && shared[n] > 0)
	}
}

var lockNames = []cell.Name{"/ls/local/l", "/ls/local/m"}

// Whatever happens to sessions, holds, waiters, delays and nodes: one exclusive holder, tokens
// that grow, and nothing that stands again. That no free lock keeps a waiter waiting is Check's.
func TestC2_HoldsExcludeEachOtherAndTokensGrow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := born(t, nil)
		o := &observer{t: rt, w: w, ended: map[uint64]bool{}}
		var sessions []cell.SessionID
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			if len(sessions) == 0 || rapid.IntRange(0, 9).Draw(rt, "open") == 0 {
				sessions = append(sessions, w.open(byte(len(sessions)+1)))
				continue
			}
			o.see(step(rt, w, rapid.SampledFrom(sessions).Draw(rt, "session")))
		}
	})
}

func step(rt *rapid.T, w *world, s cell.SessionID) Applied {
	name := rapid.SampledFrom(lockNames).Draw(rt, "name")
	switch rapid.IntRange(0, 13).Draw(rt, "step") {
	case 0:
		return w.own(&EndSessions{Sessions: []cell.SessionID{s}, Why: "expired"})
	case 1:
		return w.call(s, &call.CloseSession{})
	case 2:
		var keys []DelayKey
		for _, d := range w.a.Delays() {
			keys = append(keys, d.Key)
		}
		return w.own(&EndDelays{Locks: keys})
	case 3:
		return w.call(s, &call.Delete{Name: name})
	case 4:
		return w.own(&Reap{Session: s, Names: w.a.Ephemerals(s, 10)})
	case 5, 6:
		if holds := w.a.Holds(s); len(holds) > 0 {
			h := rapid.SampledFrom(holds).Draw(rt, "hold")
			return w.call(s, &call.Release{Name: h.Name, Hold: h.Hold})
		}
	}
	if a, ok := take(rt, w, s, name); ok {
		return a
	}
	mode := rapid.SampledFrom([]cell.Mode{cell.Exclusive, cell.Shared, cell.Shared}).Draw(rt, "mode")
	return w.call(s, &call.Acquire{Name: name, Mode: mode, Create: true, Wait: rapid.Bool().Draw(rt, "wait"),
		MaxHold: rapid.SampledFrom([]int64{0, 0, 1e9}).Draw(rt, "max hold"),
		Delay:   rapid.SampledFrom([]int64{-1, 0, 1e9, 9e9}).Draw(rt, "delay")})
}

// take breaks a lock, kills a session, lets a killed one quit, or ends what has lasted long enough.
func take(rt *rapid.T, w *world, s cell.SessionID, name cell.Name) (Applied, bool) {
	switch rapid.IntRange(0, 12).Draw(rt, "take") {
	case 0, 1:
		if l, ok := w.a.Lock(name, 1); ok && len(l.Holders) > 0 {
			return w.call(s, &call.Break{Name: name, Token: l.Holders[0].Sequencer.Grant}), true
		}
	case 2:
		if all := w.a.Sessions(); len(all) > 0 {
			return w.call(s, &call.Kill{Session: rapid.SampledFrom(all).Draw(rt, "victim")}), true
		}
	case 3:
		return w.own(&Quit{Session: s}), true
	case 4:
		op := &BreakOverdue{}
		for _, h := range w.a.Timed() {
			op.Holds = append(op.Holds, h.Key)
		}
		return w.own(op), true
	}
	return Applied{}, false
}
