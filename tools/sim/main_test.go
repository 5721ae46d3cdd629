package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSeeds: a few seeds, each time the same ones; .ci/run and people run more.
func TestSeeds(t *testing.T) {
	var out, errs bytes.Buffer
	count := "25"
	if testing.Short() {
		count = "5"
	}
	code := run([]string{"-seed", "1", "-n", count}, &out, &errs)
	require.Equal(t, 0, code, "%s%s", out.String(), errs.String())
	require.True(t, strings.HasPrefix(out.String(), "seed 1\n"))
	require.Contains(t, out.String(), "cached reads")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"-seeds", "1"}, {"1"}, {"-n", "-1"}, {"-seed", "x"}} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(args, &out, &errs), "%v", args)
		require.NotEmpty(t, errs.String())
	}
}
