package chaos

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/lease/clock"
)

// shortLives makes a cell miss the dead soon.
var shortLives = []string{"CELLD_SESSION_LEASE=1500ms", "CELLD_SESSION_LEASE_MAX=1500ms", "CELLD_CACHE_LEASE=800ms",
	"CELLD_LOCK_DELAY=500ms"}

// A participant is the test binary in a role, as the environment says: a process of its own, to be
// killed. What it does it notes in a log that all share.
const (
	roleIn = "CHAOS_ROLE"
	selfIn = "CHAOS_SELF"
	cellIn = "CHAOS_CELL"
	logIn  = "CHAOS_LOG"
)

// role is what participants of one kind do, until ctx ends.
type role func(ctx context.Context, p *participant) error

type participant struct {
	id    string // role/number.life
	c     *client.Client
	log   *os.File
	clock *clock.Clock
}

// participate is what TestMain does in such a process.
func participate(name string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // the test is over, however it ended
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	log, err := os.OpenFile(os.Getenv(logIn), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	c, err := client.New(client.Config{Endpoints: strings.Split(os.Getenv(cellIn), ","), Patience: 30 * time.Second})
	if err != nil {
		panic(err)
	}
	p := &participant{id: os.Getenv(selfIn), c: c, log: log, clock: clock.Boot()}
	if err := roles()[name](ctx, p); err != nil && ctx.Err() == nil {
		p.note("failed", strings.ReplaceAll(err.Error(), " ", "_"))
	}
	_ = c.Close()
}

// name is the same in each life, and a component of names.
func (p *participant) name() string {
	name, _, _ := strings.Cut(p.id, ".")
	return strings.ReplaceAll(name, "/", "-")
}

// whole ends every line that was written to its end: its writer may be killed in the middle.
const whole = " ."

// note writes a line: when, who, what. The time is read before the line is written.
func (p *participant) note(word string, args ...any) {
	line := fmt.Sprintf("%d %s %s", p.clock.Now(), p.id, word)
	for _, a := range args {
		line += fmt.Sprint(" ", a)
	}
	_, _ = p.log.WriteString("\n" + line + whole + "\n")
}

// dwell waits for some milliseconds, up to most, or until ctx ends.
func dwell(ctx context.Context, most int) {
	select {
	case <-time.After(time.Duration(1+rand.IntN(most)) * time.Millisecond):
	case <-ctx.Done():
	}
}

// fact is one line of the log.
type fact struct {
	at   int64
	who  string
	what string
	args []string
}

func (f fact) number(i int) uint64 {
	n, err := strconv.ParseUint(f.args[i], 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// cast is the participants of one test.
type cast struct {
	t     *testing.T
	cell  *processes
	file  string
	lives map[string]int
	alive map[string]*exec.Cmd // by role/number
	own   *participant         // notes who was killed
}

func newCast(t *testing.T, p *processes) *cast {
	c := &cast{t: t, cell: p, file: filepath.Join(t.TempDir(), "log"),
		lives: map[string]int{}, alive: map[string]*exec.Cmd{}}
	log, err := os.OpenFile(c.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	c.own = &participant{id: "test", log: log, clock: clock.Boot()}
	t.Cleanup(func() {
		_ = log.Close()
		if text, err := os.ReadFile(c.file); err == nil && t.Failed() {
			t.Logf("the last that was noted:\n%s", text[max(0, len(text)-20_000):])
		}
		for _, cmd := range c.alive { // a test that failed
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return c
}

// begin starts one participant: role/number, in its next life.
func (c *cast) begin(name string) {
	c.t.Helper()
	c.lives[name]++
	kind, _, _ := strings.Cut(name, "/")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleIn+"="+kind, selfIn+"="+fmt.Sprintf("%s.%d", name, c.lives[name]),
		cellIn+"="+strings.Join(c.cell.endpoints, ","), logIn+"="+c.file)
	cmd.Stderr = os.Stderr
	_, err := cmd.StdinPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	c.alive[name] = cmd
}

// kill ends a participant at once, and notes when it certainly does nothing more.
func (c *cast) kill(name string) {
	c.t.Helper()
	cmd := c.alive[name]
	delete(c.alive, name)
	require.NoError(c.t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait()
	c.own.note("killed", fmt.Sprintf("%s.%d", name, c.lives[name]))
}

// finish tells all to end, and gives what was noted, in the order of time.
func (c *cast) finish() []fact {
	c.t.Helper()
	for _, cmd := range c.alive {
		require.NoError(c.t, cmd.Process.Signal(syscall.SIGTERM))
	}
	for name, cmd := range c.alive {
		late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) })
		require.NoError(c.t, cmd.Wait(), "%s does not end when told", name)
		late.Stop()
		delete(c.alive, name)
	}
	return c.facts()
}

func (c *cast) facts() []fact {
	c.t.Helper()
	text, err := os.ReadFile(c.file)
	require.NoError(c.t, err)
	var all []fact
	for line := range bytes.Lines(text) {
		told, ok := strings.CutSuffix(string(line), whole+"\n")
		if !ok {
			continue
		}
		words := strings.Fields(told)
		at, err := strconv.ParseInt(words[0], 10, 64)
		require.NoError(c.t, err, "%s", line)
		all = append(all, fact{at, words[1], words[2], words[3:]})
		require.NotEqual(c.t, "failed", words[2], "%s", line)
	}
	slices.SortStableFunc(all, func(a, b fact) int { return int(a.at - b.at) })
	return all
}

// of gives the facts of one role, and who was killed.
func of(all []fact, kind string) (some []fact) {
	for _, f := range all {
		if strings.HasPrefix(f.who, kind+"/") || f.what == "killed" && strings.HasPrefix(f.args[0], kind+"/") {
			some = append(some, f)
		}
	}
	return some
}

func count(all []fact, what string) (n int) {
	for _, f := range all {
		if f.what == what {
			n++
		}
	}
	return n
}

// inside walks through the facts and keeps who is between the words begin and end; a dead one no
// longer is. look is called after each begin.
func inside(all []fact, begin, end string, look func(now map[string]fact, f fact)) {
	now := map[string]fact{}
	for _, f := range all {
		switch f.what {
		case begin:
			now[f.who] = f
			look(now, f)
		case end:
			delete(now, f.who)
		case "killed":
			delete(now, f.args[0])
		}
	}
}
