package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/tools/sim/world"
)

// TestSeeds: a few seeds, each time the same ones; .ci/run and people run more.
func TestSeeds(t *testing.T) {
	var out, errs bytes.Buffer
	count := "25"
	if testing.Short() {
		count = "5"
	}
	code := run(t.Context(), []string{"-seed", "1", "-n", count}, &out, &errs)
	require.Equal(t, 0, code, "%s%s", out.String(), errs.String())
	require.True(t, strings.HasPrefix(out.String(), "seed 1\n"))
	require.Contains(t, out.String(), "cached reads")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "1"}, {"1"}, {"-n", "0"}, {"-n", "-1"},
		{"-seed", "x"}, {"-seconds", "-1"}, {"-forever", "-n", "3"}} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(t.Context(), args, &out, &errs), "%v", args)
		require.NotEmpty(t, errs.String())
	}
}

// TestForeverEndsWithAnInterrupt: what was begun is told, and nothing was broken.
func TestForeverEndsWithAnInterrupt(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs bytes.Buffer
	require.Equal(t, 0, run(ctx, []string{"-seed", "1", "-forever"}, &out, &errs))
	require.Contains(t, out.String(), "runs ")
	require.Contains(t, out.String(), "\nwall ")
}

// TestSideBySideIsTheSame: runs share nothing, and their results come in the order of the seeds.
func TestSideBySideIsTheSame(t *testing.T) {
	together := func(args ...string) world.Counters {
		o, err := parse(args, io.Discard)
		require.NoError(t, err)
		var sum world.Counters
		next := o.seed
		for r := range o.results(t.Context(), io.Discard) {
			require.Equal(t, next, r.seed, "in their order")
			next++
			sum.Add(r.Counters)
		}
		return sum
	}
	require.Equal(t, together("-seed", "7", "-n", "4"), together("-seed", "7", "-n", "4", "-v"))
}
