package mutant

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	all  = flag.Bool("mutants", false, "run all mutants, not only the first")
	part = flag.String("part", "0/1", "K/N: with -mutants, only every N-th mutant, from the K-th on (K modulo N)")
)

// chosen reports whether mutant i is to be run.
func chosen(t *testing.T, i int) bool {
	t.Helper()
	var k, n int
	_, err := fmt.Sscanf(*part, "%d/%d", &k, &n)
	require.NoError(t, err, "-part %s", *part)
	require.Positive(t, n, "-part %s", *part)
	return *all && i%n == k%n || !*all && i == 0
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	require.NoError(t, err)
	return dir
}

// TestMutantsFit: each mutant changes exactly one place of the code as it is now.
func TestMutantsFit(t *testing.T) {
	for _, m := range Mutants {
		require.NoError(t, m.Fits(root(t)), "%s: %s", m.Rule, m.Story)
		require.NotEqual(t, m.Is, m.Wrong)
	}
}

// TestMutants: each mutant is caught. Without -mutants only the first is run.
func TestMutants(t *testing.T) {
	for i, m := range Mutants {
		if testing.Short() || !chosen(t, i) {
			continue // -short runs beside -race, which these builds would not have
		}
		t.Run(m.Rule+" "+m.Story, func(t *testing.T) {
			v, err := m.Try(root(t), t.TempDir())
			require.NoError(t, err)
			require.True(t, v.Caught, "nothing went red:\n%s", v.Output)
			t.Log(lastLine(v.Output))
		})
	}
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// TestTheSameCodeIsNotCaught: what turns mutants red is green without a mutant; else catching
// them would show nothing.
func TestTheSameCodeIsNotCaught(t *testing.T) {
	if testing.Short() {
		return // as above
	}
	m := Mutants[0]
	m.Wrong, m.Red.Seeds = m.Is, 10
	v, err := m.Try(root(t), t.TempDir())
	require.NoError(t, err)
	require.False(t, v.Caught, "red without a mutant:\n%s", v.Output)
}
