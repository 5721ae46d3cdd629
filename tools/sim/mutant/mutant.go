package mutant

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Mutant is a wrong version of one place in our code, or of a few that belong together.
type Mutant struct {
	Rule  string // whose breach it is
	Story string // what is wrong
	File  string // relative to the repository
	Is    string // the text as it is; it stands there exactly once
	Wrong string // what it is replaced by
	More  []Place
	Red   Red // what must go red
}

// Place is one more place that a mutant changes, in another file.
type Place struct{ File, Is, Wrong string }

func (m Mutant) places() []Place { return append([]Place{{m.File, m.Is, m.Wrong}}, m.More...) }

// Red is what catches a mutant: tests of a package, or the simulator's seeds.
type Red struct {
	Package string // its tests, those that Run matches
	Run     string
	Seed    uint64 // with an empty Package: seeds Seed … Seed+Seeds-1 of the simulator
	Seeds   int
}

// Fits says why the mutant no longer fits the code, or nil.
func (m Mutant) Fits(root string) error {
	for _, p := range m.places() {
		if _, err := p.text(root); err != nil {
			return err
		}
	}
	return nil
}

func (p Place) text(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, p.File))
	if err != nil {
		return nil, err
	}
	if n := strings.Count(string(text), p.Is); n != 1 {
		return nil, fmt.Errorf("%s holds %d times, not once: %q", p.File, n, p.Is)
	}
	return []byte(strings.Replace(string(text), p.Is, p.Wrong, 1)), nil
}

// Verdict is what came of running a mutant.
type Verdict struct {
	Caught bool
	Output string
}

// Try builds the mutant in dir, which must be empty, and runs what must go red; then the code as
// it is, which must be green where the mutant was red. The error says that one of them could not
// be built: such a mutant shows nothing.
func (m Mutant) Try(root, dir string) (Verdict, error) {
	overlay, err := m.overlay(root, dir)
	if err != nil {
		return Verdict{}, err
	}
	wrong, right := filepath.Join(dir, "wrong"), filepath.Join(dir, "right")
	if err := m.build(root, wrong, "-overlay", overlay); err != nil {
		return Verdict{}, err
	}
	out, red := m.run(root, wrong, m.Red.Seed, m.Red.Seeds)
	v := Verdict{Caught: red, Output: tail(out)}
	if !red {
		return v, nil
	}
	if err := m.build(root, right); err != nil {
		return Verdict{}, err
	}
	if out, red := m.run(root, right, redSeed(v.Output), 1); red {
		return Verdict{Output: "red without the mutant too:\n" + tail(out)}, nil
	}
	return v, nil
}

func (m Mutant) build(root, binary string, flags ...string) error {
	args := append([]string{"build"}, flags...)
	args = append(args, "-o", binary, "./tools/sim")
	if m.Red.Package != "" {
		args = append(append([]string{"test", "-c"}, flags...), "-o", binary, "./"+m.Red.Package)
	}
	if out, err := command(root, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("the mutant of %s does not build: %w\n%s", m.File, err, out)
	}
	return nil
}

// run reports whether what must go red is red.
func (m Mutant) run(root, binary string, seed uint64, count int) (string, bool) {
	at, args := root, []string{"-seed", fmt.Sprint(seed), "-n", fmt.Sprint(count), "-seconds", "60"}
	if m.Red.Package != "" {
		at = filepath.Join(root, m.Red.Package)
		args = []string{"-test.run", m.Red.Run, "-test.count", "1", "-test.failfast", "-test.timeout", "5m"}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, binary, args...)
	c.Dir = at
	c.Env = append(os.Environ(), "RAPID_NOFAILFILE=1") // else the next run here draws what was red with this mutant
	out, err := c.CombinedOutput()
	return string(out), err != nil
}

// patience is for a mutant that goes round in circles: to end nothing is as good as to be red. What
// must go red takes seconds without the mutant.
const patience = 6 * time.Minute

// redSeed is the seed that the simulator's last line names.
func redSeed(output string) (seed uint64) {
	if i := strings.LastIndex(output, "-seed "); i >= 0 {
		_, _ = fmt.Sscan(output[i+len("-seed "):], &seed) // 0: it was no run of the simulator
	}
	return seed
}

func (m Mutant) overlay(root, dir string) (string, error) {
	replace := map[string]map[string]string{"Replace": {}}
	for i, p := range m.places() {
		text, err := p.text(root)
		if err != nil {
			return "", err
		}
		wrong := filepath.Join(dir, fmt.Sprintf("wrong%d.go", i))
		if err := os.WriteFile(wrong, text, 0o600); err != nil {
			return "", err
		}
		replace["Replace"][filepath.Join(root, p.File)] = wrong
	}
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
