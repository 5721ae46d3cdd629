package measure

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLoopCountsOnlyWhatEndsInItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		op := func(context.Context) error { time.Sleep(10 * time.Millisecond); return nil }
		var edges []time.Duration
		begin := time.Now()
		note := func() { edges = append(edges, time.Since(begin)) }
		s, err := Loop(t.Context(), []Op{op, op, op}, Times{Warm: 505 * time.Millisecond, Length: time.Second},
			Edges{Begin: note, End: note})
		require.NoError(t, err)
		require.EqualValues(t, 300, s.Ops)
		require.EqualValues(t, s.Ops, s.Hist.TotalCount())
		require.InDelta(t, 300, s.Rate(), 0.01)
		require.Equal(t, []time.Duration{505 * time.Millisecond, 1505 * time.Millisecond}, edges)
		require.InEpsilon(t, 10, s.Latencies()[0].X, 0.001, "p50 in ms")
	})
}

func TestLoopLeavesFailuresOutOfTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, n := errors.New("broken"), 0
		op := func(context.Context) error {
			time.Sleep(10 * time.Millisecond)
			if n++; n%2 == 0 {
				return broken
			}
			return nil
		}
		s, err := Loop(t.Context(), []Op{op}, Times{Length: 1001 * time.Millisecond}, Edges{})
		require.NoError(t, err)
		require.EqualValues(t, 50, s.Ops)
		require.EqualValues(t, 50, s.Errors)
		require.ErrorIs(t, s.Error, broken)
	})
}

func TestLoopEndsWhenEverythingFailsOrHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		_, err := Loop(t.Context(), []Op{func(context.Context) error { return broken }}, Times{Length: time.Second}, Edges{})
		require.ErrorIs(t, err, broken)

		begin := time.Now()
		hang := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		_, err = Loop(t.Context(), []Op{hang}, Times{Length: time.Second}, Edges{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second+overtime, time.Since(begin))
	})
}

func TestMediansOverTheRounds(t *testing.T) {
	in := func(system, name string, round int, x float64) Result {
		return Result{System: system, Case: name, Round: round, Values: []Value{{"rate", PerSecond, x}}}
	}
	all := []Result{in("a", "write", 1, 30), in("b", "write", 1, 99), in("a", "write", 2, 10), in("a", "read", 1, 77),
		in("a", "write", 3, 20), {System: "a", Case: "write", Round: 4, Error: "it broke"}}
	require.Equal(t, []Spread{{"rate", PerSecond, 20, 10, 30, 3}}, Medians(all, "a", "write"))
	require.Equal(t, []Spread{{"rate", PerSecond, 25, 20, 30, 2}},
		Medians([]Result{all[0], all[4]}, "a", "write"), "of an even number, the mean of the middle two")
	require.Empty(t, Medians(all, "c", "write"))
}
