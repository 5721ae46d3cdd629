package mutant

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Mutant is a wrong version of one place in our code.
type Mutant struct {
	Rule  string // whose breach it is
	Story string // what is wrong
	File  string // relative to the repository
	Is    string // the text as it is; it stands there exactly once
	Wrong string // what it is replaced by
	Red   Red    // what must go red
}

// Red is what catches a mutant: tests of a package, or the simulator's seeds.
type Red struct {
	Package string // its tests, those that Run matches
	Run     string
	Seed    uint64 // with an empty Package: seeds Seed … Seed+Seeds-1 of the simulator
	Seeds   int
}

// Fits says why the mutant no longer fits the code, or nil.
func (m Mutant) Fits(root string) error {
	_, err := m.text(root)
	return err
}

func (m Mutant) text(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, m.File))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), m.Is); n != 1 {
		return nil, fmt.Errorf("%s holds %d times, not once: %q", m.File, n, m.Is)
	}
	return []byte(strings.Replace(string(text), m.Is, m.Wrong, 1)), nil
}

// Verdict is what came of running a mutant.
type Verdict struct {
	Caught bool
	Output string
}

// Try builds the mutant in dir, which must be empty, and runs what must go red. The error says
// that it could not be built: such a mutant shows nothing.
func (m Mutant) Try(root, dir string) (Verdict, error) {
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return Verdict{}, err
	}
	binary := filepath.Join(dir, "mutant.test")
	build := []string{"build", "-overlay", overlay, "-o", binary, "./tools/sim"}
	run := []string{"-seed", fmt.Sprint(m.Red.Seed), "-n", fmt.Sprint(m.Red.Seeds), "-seconds", "300"}
	at := root
	if m.Red.Package != "" {
		build = []string{"test", "-c", "-overlay", overlay, "-o", binary, "./" + m.Red.Package}
		run = []string{"-test.run", m.Red.Run, "-test.count", "1", "-test.timeout", "5m"}
		at = filepath.Join(root, m.Red.Package)
	}
	if out, err := command(root, "go", build...).CombinedOutput(); err != nil {
		return Verdict{}, fmt.Errorf("the mutant does not build: %w\n%s", err, out)
	}
	out, err := command(at, binary, run...).CombinedOutput()
	return Verdict{Caught: err != nil, Output: tail(string(out))}, nil
}

func (m Mutant) overlay(root, dir string) (string, error) {
	text, err := m.text(root)
	if err != nil {
		return "", err
	}
	wrong := filepath.Join(dir, "wrong.go")
	if err := os.WriteFile(wrong, text, 0o600); err != nil {
		return "", err
	}
	replace := map[string]map[string]string{"Replace": {filepath.Join(root, m.File): wrong}}
	list, err := json.Marshal(replace)
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

func command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	return c
}

// tail is the end of an output: where the reason stands.
func tail(s string) string {
	if len(s) > 2000 {
		return "…" + s[len(s)-2000:]
	}
	return s
}
