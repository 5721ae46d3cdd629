package session

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/leasehold/leasehold/lease"
)

// TestC7_WhateverBreaks drives the machine through broken links, refusals, fail-overs and
// cancels: each call ends once and is applied at most once, in order; NotApplied never was; no
// hold outlives its promise, none is orphaned.
func TestC7_WhateverBreaks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newModel(t)
		w.step(Wake{})
		for range rapid.IntRange(50, 300).Draw(t, "steps") {
			switch w.draw(12, "do") {
			case 0, 1, 2:
				w.user()
			case 3, 4, 5, 6, 7, 8:
				w.world(true)
			case 9, 10:
				w.pass(lease.Duration(w.draw(400, "ms")) * lease.Millisecond)
			case 11:
				if w.draw(6, "fail over") == 0 {
					w.failOver()
				}
			}
		}
		w.heal()
		w.verify()
	})
}

// heal lets everything that waits come to its end.
func (w *model) heal() {
	w.wild = false
	for range 150 {
		w.settle()
		w.pass(100 * lease.Millisecond)
		for _, h := range w.heldIDs() { // waiters behind them
			w.id++
			w.pending[w.id] = "unlock"
			delete(w.held, h)
			w.step(Unlock{ID: w.id, Hold: h})
		}
	}
	w.settle()
}

func (w *model) heldIDs() (ids []uint64) {
	for id := range w.held {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (w *model) verify() {
	require.Equal(w.t, Connected, w.m.State())
	require.Empty(w.t, w.pending, "calls that never ended")
	require.Empty(w.t, w.holds, "holds or waiters that nobody knows of")
	require.Empty(w.t, w.m.locks.items)
	require.True(w.t, slices.IsSorted(w.applied), "%v", w.applied)
	for id, d := range w.done {
		was := slices.Contains(w.applied, id)
		switch {
		case d.Outcome == NotApplied && (d.Cancelled || d.Err != nil):
			require.False(w.t, was, "call %d is said never to have happened", id)
		case d.Err == nil && !d.Cancelled && d.Reply == nil && d.Sequencer.Hold == 0 && w.kind(id) == "write":
			require.True(w.t, was, "call %d is said to have happened", id)
		}
	}
}

func (w *model) kind(id uint64) string {
	if d, ok := w.done[id]; ok && d.Result.Zxid != 0 {
		return "write"
	}
	return ""
}
