package model

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// runs are the models as they are, and each of their wrong versions.
var runs = []struct {
	model, wrong string
	long         bool // not under -short: a minute and 2 GB of memory
}{
	{"zab", "", true},
	{"zab", "EPOCH_FIRST", false},         // Z1
	{"zab", "BY_LAST", false},             // Z5
	{"zab", "EARLY_ACKS", false},          // Z6
	{"mastership", "", false},             //
	{"mastership", "NO_WAIT", false},      // L3
	{"mastership", "NO_OWN", false},       // Z4, L9
	{"mastership", "DRIFT=2", false},      // L1
	{"cache", "", false},                  //
	{"cache", "RENEW_OWING", false},       // C10
	{"cache", "KEEP_LEASE", false},        // C5
	{"cache", "NO_FAILOVER_WAIT", false},  // C5
	{"cache", "CACHABLE_IN_ROUND", false}, // C11
	{"cache", "DRIFT=2", false},           // L1
}

// TestModels checks every model to the end, and sees every wrong version fail.
func TestModels(t *testing.T) {
	for _, tool := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			require.Empty(t, os.Getenv("CI"), "%s is not installed here", tool)
			t.Skipf("%s is not installed: apt-get install spin gcc", tool)
		}
	}
	for _, run := range runs {
		name := run.model
		if run.wrong != "" {
			name += "/without:" + run.wrong
		}
		t.Run(name, func(t *testing.T) {
			if run.long && testing.Short() {
				t.Skip("a minute and 2 GB of memory: not under -short")
			}
			errors, states := search(t, run.model, run.wrong)
			t.Logf("%s states", states)
			if run.wrong == "" {
				require.Equal(t, "0", errors, "spin found a counter-example")
			} else {
				require.Equal(t, "1", errors, "spin found nothing wrong with a wrong version")
			}
		})
	}
}

var verdict = regexp.MustCompile(`errors: (\d+)\s+(\d+) states, stored`)

// search runs spin over every state of one version of a model: the errors it found, the states.
func search(t *testing.T, name, wrong string) (errors, states string) {
	source, err := filepath.Abs(name + ".pml")
	require.NoError(t, err)
	args := []string{"-a", source}
	if wrong != "" {
		args = []string{"-a", "-D" + wrong, source}
	}
	dir := t.TempDir()
	in(t, dir, "spin", args...)
	in(t, dir, "gcc", "-w", "-O2", "-DSAFETY", "-DNOREDUCE", "-DCOLLAPSE", "-o", "pan", "pan.c")
	out := in(t, dir, "./pan", "-m2000000")
	require.NotContains(t, out, "max search depth too small")
	require.NotContains(t, out, "out of memory")
	if wrong != "" {
		require.Contains(t, out, "assertion violated")
	}
	found := verdict.FindStringSubmatch(out)
	require.Len(t, found, 3, "spin's verdict is missing:\n%s", out)
	return found[1], found[2]
}

func in(t *testing.T, dir, name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s: %s", name, out)
	return string(out)
}
