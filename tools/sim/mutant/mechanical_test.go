package mutant

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	mechanical = flag.Int("mechanical", 0, "how many mechanical mutants to run")
	drawn      = flag.Int64("drawn", 1, "the seed by which they are drawn")
)

// TestMechanicalMutants: of what goes wrong without any understanding (a condition negated, a call
// dropped, an edge off by one, two lines swapped) 95 of 100 are caught. Who survives is listed, to
// be looked at: it does no harm, or a test is missing.
func TestMechanicalMutants(t *testing.T) {
	if *mechanical == 0 {
		t.Skip("takes half a minute each: -mechanical N says how many")
	}
	slips, err := Slips(root(t), *drawn, 4**mechanical)
	require.NoError(t, err)
	caught, survivors := 0, []string{}
	for _, s := range slips {
		if caught+len(survivors) == *mechanical {
			break
		}
		if why := s.judged(); why != "" {
			t.Logf("does no harm: %v: %s", s, why)
			continue
		}
		red, by, err := s.Try(root(t), t.TempDir(), 300)
		switch {
		case err != nil: // does not build: the compiler caught it, and it counts as none
		case red:
			caught++
			t.Logf("caught by %s: %v", by, s)
		default:
			survivors = append(survivors, s.String())
			t.Logf("SURVIVES: %v", s)
		}
	}
	t.Logf("%d caught, %d survive", caught, len(survivors))
	require.LessOrEqual(t, 20*len(survivors), caught+len(survivors), "survivors:\n%s", strings.Join(survivors, "\n"))
}

// TestJudgedSlipsFit: each judgement is of slips that the code as it is now can suffer.
func TestJudgedSlipsFit(t *testing.T) {
	all, err := Slips(root(t), 1, 1<<20)
	require.NoError(t, err)
	for _, j := range Judged {
		fits := func(s Slip) bool { return s.File == j.File && s.judged() == j.Why }
		require.True(t, slices.ContainsFunc(all, fits), "%+v", j)
		require.NotEmpty(t, j.Why)
	}
}

// TestSlips: every kind is drawn, and the same ones again.
func TestSlips(t *testing.T) {
	a, err := Slips(root(t), 7, 400)
	require.NoError(t, err)
	b, err := Slips(root(t), 7, 400)
	require.NoError(t, err)
	require.Equal(t, a, b)
	kinds := map[string]int{}
	for _, s := range a {
		kinds[s.Kind]++
	}
	require.Len(t, kinds, 4, "%v", kinds)
}
