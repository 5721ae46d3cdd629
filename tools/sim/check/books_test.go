package check

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
)

func proof(mode cell.Mode, token, hold uint64) cell.Sequencer {
	return cell.Sequencer{Mode: mode, Grant: token, Hold: hold, Instance: 1, Name: "/ls/local/l"}
}

func TestC2_AProofEndsWithItsHold(t *testing.T) {
	ends := map[string]func(*Proofs){
		"stands":        func(*Proofs) {},
		"released":      func(p *Proofs) { p.Released(5) },
		"session ended": func(p *Proofs) { p.SessionEnded(9) },
		"node gone":     func(p *Proofs) { p.NodeGone("/ls/local/l") },
		"granted anew":  func(p *Proofs) { p.Granted(8, proof(cell.Exclusive, 7, 7)) },
	}
	for what, end := range ends {
		court := &Court{}
		p := NewProofs(court)
		p.Granted(9, proof(cell.Exclusive, 5, 5))
		end(p)
		p.Took(proof(cell.Exclusive, 5, 5), 8)
		if what == "stands" {
			require.Nil(t, court.Verdict())
			continue
		}
		require.NotNil(t, court.Verdict(), what)
		require.Equal(t, "C2", court.Verdict().Rule)
	}
}

func TestC2_SharedHoldsStandBesideEachOther(t *testing.T) {
	court := &Court{}
	p := NewProofs(court)
	p.Granted(9, proof(cell.Shared, 5, 5))
	p.Granted(8, proof(cell.Shared, 6, 6))
	p.Took(proof(cell.Shared, 5, 5), 7)
	require.Nil(t, court.Verdict())
}

func TestC11_EphemeralsAreFollowed(t *testing.T) {
	tests := map[string]func(*Ephemerals){
		"the cell deletes it":     func(e *Ephemerals) { e.Deleted("/ls/local/e", false) },
		"it outlives the record":  func(e *Ephemerals) { e.SessionEnded(9); e.SessionGone(9) },
		"made for an ended one":   func(e *Ephemerals) { e.SessionEnded(9); e.Made("/ls/local/f", 9) },
		"locked by another":       func(e *Ephemerals) { e.Granted("/ls/local/e", 8) },
		"fine: locked by its own": func(e *Ephemerals) { e.Granted("/ls/local/e", 9) },
		"fine: deleted as asked":  func(e *Ephemerals) { e.Deleted("/ls/local/e", true) },
		"fine: gone with its life": func(e *Ephemerals) {
			e.SessionEnded(9)
			e.Deleted("/ls/local/e", false)
			e.SessionGone(9)
		},
	}
	for what, happens := range tests {
		court := &Court{}
		e := NewEphemerals(court)
		e.Made("/ls/local/e", 9)
		happens(e)
		require.Equal(t, what[:4] == "fine", court.Verdict() == nil, what)
	}
}

func TestC6_ListsAreFollowed(t *testing.T) {
	const one, two = cell.Name("/ls/local/q/1"), cell.Name("/ls/local/q/2")
	tests := map[string]struct {
		before, during func(*Queue)
		listed         []cell.Name
		ok             bool
	}{
		"all":                 {listed: []cell.Name{one, two}, ok: true},
		"one is missing":      {listed: []cell.Name{two}},
		"it leaves meanwhile": {during: func(q *Queue) { q.Leaving(one) }, listed: []cell.Name{two}, ok: true},
		"it was gone before": {before: func(q *Queue) { q.Leaving(one); q.Gone(one) },
			listed: []cell.Name{one, two}},
	}
	for what, x := range tests {
		court := &Court{}
		q := NewQueue(court)
		q.Made(one)
		q.Made(two)
		if x.before != nil {
			x.before(q)
		}
		l := q.Begin(1)
		if x.during != nil {
			x.during(q)
		}
		l.End(x.listed, "cached")
		require.Equal(t, x.ok, court.Verdict() == nil, what)
	}
}

func TestC7_NumberedNamesGrow(t *testing.T) {
	court := &Court{}
	q := NewQueue(court)
	q.Numbered("/ls/local/q/2")
	require.Nil(t, court.Verdict())
	q.Numbered("/ls/local/q/2")
	require.NotNil(t, court.Verdict())
}
