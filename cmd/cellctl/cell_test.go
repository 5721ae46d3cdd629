package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/leasehold/leasehold/cmd/cellctl/run"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
	"github.com/stretchr/testify/require"
)

// The test binary is cellctl too, for tests that need a process of their own.
const asCellctl = "CELLCTL_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asCellctl) != "" {
		main()
	}
	os.Exit(m.Run())
}

// desk is somebody who types at a running cell.
type desk struct {
	t         *testing.T
	cell      *celltest.Cell
	endpoints string
}

func newDesk(t *testing.T, o ...celltest.Option) *desk {
	c := celltest.Start(t, 1, o...)
	return &desk{t, c, strings.Join(c.Endpoints, ",")}
}

// types runs a command line whose words have no spaces in them, and wants that exit code.
func (d *desk) types(exit int, line string) outcome {
	d.t.Helper()
	return d.args(exit, "", strings.Fields(line)...)
}

func (d *desk) args(exit int, input string, args ...string) outcome {
	d.t.Helper()
	var out, errs bytes.Buffer
	got := cellctl(args, surroundings{
		in: strings.NewReader(input), out: &out, err: &errs,
		env: func(k string) (string, bool) { return d.endpoints, k == endpointsVariable },
	})
	require.Equal(d.t, exit, got, "%v: %s", args, errs.String())
	return outcome{got, out.String(), errs.String()}
}

// process is a cellctl of its own, with pipes.
type process struct {
	*exec.Cmd
	in       io.WriteCloser
	out, err *bufio.Reader
	t        *testing.T
}

func (d *desk) process(args ...string) *process {
	p := &process{Cmd: exec.Command(os.Args[0], args...), t: d.t}
	p.Env = append(os.Environ(), asCellctl+"=1", endpointsVariable+"="+d.endpoints)
	in, err := p.StdinPipe()
	require.NoError(d.t, err)
	out, err := p.StdoutPipe()
	require.NoError(d.t, err)
	errs, err := p.StderrPipe()
	require.NoError(d.t, err)
	p.in, p.out, p.err = in, bufio.NewReader(out), bufio.NewReader(errs)
	require.NoError(d.t, p.Start())
	d.t.Cleanup(func() { _ = in.Close(); _ = p.Process.Kill() })
	return p
}

func (p *process) line() string {
	l, err := p.out.ReadString('\n')
	require.NoError(p.t, err)
	return strings.TrimSuffix(l, "\n")
}

// ends waits for the exit code, and gives what was said on standard error.
func (p *process) ends(exit int) string {
	said, err := io.ReadAll(p.err)
	require.NoError(p.t, err)
	_ = p.Wait()
	require.Equal(p.t, exit, p.ProcessState.ExitCode(), string(said))
	return string(said)
}

func fields(t *testing.T, text string) map[string]any {
	m := map[string]any{}
	require.NoError(t, json.Unmarshal([]byte(text), &m), text)
	return m
}

func TestNodesFromTheShell(t *testing.T) {
	d := newDesk(t)
	require.Equal(t, "/ls/local/app/a\n", d.types(0, "create /ls/local/app/a one --parents").out)
	d.types(4, "create /ls/local/app/a one")
	d.types(3, "create /ls/local/none/a one")
	require.Equal(t, "one", d.types(0, "get /ls/local/app/a").out)
	require.Equal(t, "2\n", d.types(0, "put /ls/local/app/a two").out)
	d.types(4, "put /ls/local/app/a three --if-generation 1")
	require.Equal(t, "3\n", d.types(0, "put /ls/local/app/a three --if-generation 2").out)
	d.types(3, "put /ls/local/app/b x")
	d.args(0, "\xff\x00", "put", "/ls/local/app/b", "-", "--create")
	require.Equal(t, "\xff\x00", d.types(0, "get /ls/local/app/b").out)
	b := fields(t, d.types(0, "get /ls/local/app/b -o json").out)
	require.Equal(t, map[string]any{"base64": "/wA="}, b["contents"])
	require.Equal(t, "/ls/local/app/n00000000000000000001\n", d.types(0, "create /ls/local/app/n --sequential").out)
	require.Equal(t, "/ls/local/app/00000000000000000002\n", d.types(0, "create /ls/local/app/ --sequential -o value").out)
	d.types(0, "rm /ls/local/app/00000000000000000002")
	require.Equal(t, "/ls/local/app/a\n/ls/local/app/b\n/ls/local/app/n00000000000000000001\n",
		d.types(0, "ls /ls/local/app").out)
	require.Equal(t, 4, strings.Count(d.types(0, "ls /ls/local -R -o jsonl").out, "\n"))
	require.Contains(t, d.types(0, "tree /ls/local").out, "    ├── b\n")
	require.EqualValues(t, 3, fields(t, d.types(0, "stat /ls/local/app -o json").out)["children"])
	d.types(4, "rm /ls/local/app")
	require.JSONEq(t, `{"name":"/ls/local/app"}`, d.types(0, "rm /ls/local/app -r -o json").out)
	d.types(3, "stat /ls/local/app")
	d.types(2, "get /ls/other/a")
}

func TestB2_TooMuchFromStandardInputNamesTheLimit(t *testing.T) {
	d := newDesk(t)
	for _, size := range []int{256<<10 + 1, mostContents + 1} {
		got := d.args(2, strings.Repeat("x", size), "create", "/ls/local/big", "-", "-o", "json")
		require.Equal(t, "too_large", fields(t, got.err)["code"])
		if size > mostContents {
			require.Contains(t, got.err, "standard input has more than 1048576 bytes")
		}
	}
}

func TestWhatIsRefusedSaysWhatItWas(t *testing.T) {
	d := newDesk(t)
	d.types(0, "create /ls/local/kept")
	require.Contains(t, d.types(7, "rm -r /ls/local").err, "never deleted")
	d.types(0, "stat /ls/local/kept")
	require.Contains(t, d.types(3, "session show 1").err, "there is no session 1, or it has ended")
	require.Contains(t, d.types(2, "lock /ls/local/kept --lock-delay 61s").err, "limited to 1m0s, got 1m1s")
}

func TestLockRunsCommandAndLetsGo(t *testing.T) {
	d := newDesk(t)
	p := d.process("lock", "/ls/local/deep/l", "--note", "build 812", "--", "sh", "-c",
		`echo $CELL_LOCK_SEQUENCER $CELL_LOCK_NAME $CELL_LOCK_TOKEN; read line; exit 42`)
	told := strings.Fields(p.line())
	require.Equal(t, "/ls/local/deep/l", told[1])
	require.Equal(t, "valid\n", d.types(0, "seq check "+told[0]).out)
	d.types(0, "put /ls/local/deep x --if-held "+told[0])

	locks := d.types(0, "locks").out
	require.Contains(t, locks, "build 812")
	require.Contains(t, locks, told[2])
	require.Contains(t, d.types(0, "lock show /ls/local/deep/l").out, told[0])
	var sessions []map[string]any
	require.NoError(t, json.Unmarshal([]byte(d.types(0, "session ls -o json").out), &sessions))
	require.Equal(t, []any{"/ls/local/deep/l"}, sessions[0]["locks"])

	require.Contains(t, d.types(75, "lock /ls/local/deep/l --try -- true").err, "cellctl")
	require.Contains(t, d.types(9, "lock /ls/local/deep/l --wait 50ms -E 9 -- true").err, "within 50ms")
	require.Equal(t, "locked", fields(t, d.types(75, "lock /ls/local/deep/l --try -o json").err)["code"])
	d.types(5, "rm /ls/local/deep/l")

	require.NoError(t, p.in.Close())
	require.Empty(t, p.ends(42))
	require.Equal(t, "stale\n", d.types(4, "seq check "+told[0]).out)
	d.types(4, "put /ls/local/deep x --if-held "+told[0])
	require.Empty(t, d.types(0, "locks /ls/local").out)
	d.types(0, "lock /ls/local/deep/l --try -- true")
}

func TestC3_ASignalGivesTheLockToTheNextAtOnce(t *testing.T) {
	d := newDesk(t)
	first := d.process("lock", "/ls/local/l", "-o", "json")
	_, err := first.err.ReadString('\n') // says that it holds
	require.NoError(t, err)
	next := d.process("lock", "/ls/local/l", "--", "sh", "-c", "echo mine; read line")
	d.awaitLocks(2) // the holder and the waiter
	require.NoError(t, first.Process.Signal(syscall.SIGTERM))
	require.Equal(t, "mine", next.line())
	first.ends(143)
	require.NoError(t, next.Process.Signal(syscall.SIGINT))
	require.Contains(t, next.ends(130), "signal 2")
}

// awaitLocks polls until the table of locks has n rows.
func (d *desk) awaitLocks(n int) {
	require.Eventually(d.t, func() bool { return strings.Count(d.types(0, "locks").out, "/ls/local/") == n },
		10*time.Second, 10*time.Millisecond)
}

func TestC8_ASignalEndsTheWaitAtOnceAndLeavesNoWaiter(t *testing.T) {
	d := newDesk(t)
	first := d.process("lock", "/ls/local/l", "--", "sh", "-c", "echo mine; read line")
	require.Equal(t, "mine", first.line())
	waiter := d.process("lock", "/ls/local/l", "--", "echo", "never")
	d.awaitLocks(2)
	require.NoError(t, waiter.Process.Signal(syscall.SIGTERM))
	waiter.ends(143)
	d.awaitLocks(1)
}

func TestAnEphemeralNodeLivesAsLongAsCommand(t *testing.T) {
	d := newDesk(t)
	p := d.process("create", "/ls/local/e", "here", "--ephemeral", "--",
		"sh", "-c", "echo $CELL_LOCK_NAME; read line; exit 3")
	require.Equal(t, "/ls/local/e", p.line())
	require.Equal(t, "here", d.types(0, "get /ls/local/e").out)
	require.NoError(t, p.in.Close())
	p.ends(3)
	d.types(3, "get /ls/local/e")
}

func TestACommandThatIsMissingGivesTheLockBack(t *testing.T) {
	d := newDesk(t)
	got := d.types(run.ExitNotFound, "lock /ls/local/l -- no-such-program-here")
	require.Contains(t, got.err, "COMMAND was not run")
	require.Empty(t, d.types(0, "locks").out)
}

func TestTheCellSaysHowLongAKillAfterMayBe(t *testing.T) {
	d := newDesk(t, func(c *host.Config) { c.Lengths.LockDelay = time.Second })
	got := d.types(run.ExitWrapper, "lock /ls/local/l --kill-after 7s -- true")
	require.Contains(t, got.err, "must be below 7s")
	d.types(0, "lock /ls/local/l --kill-after 6s -- true")
}

func TestWithoutCommandTheLockIsHeldUntilASignal(t *testing.T) {
	d := newDesk(t)
	p := d.process("lock", "/ls/local/l", "--shared", "-o", "jsonl")
	held := fields(t, p.line())
	require.Equal(t, "/ls/local/l", held["name"])
	require.Regexp(t, "^s:", held["sequencer"])
	require.Equal(t, "valid\n", d.types(0, "seq check "+held["sequencer"].(string)).out)
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	require.Contains(t, p.ends(143), "holding /ls/local/l")
	require.Empty(t, d.types(0, "locks").out)
}

func TestC1_ALockThatIsLostEndsCommandWith76(t *testing.T) {
	d := newDesk(t, func(c *host.Config) {
		c.Lengths.SessionLease, c.Lengths.SessionLeaseMax, c.Lengths.CacheLease = time.Second, time.Second, time.Second
	})
	p := d.process("lock", "/ls/local/l", "--lock-delay", "0s", "--kill-after", "100ms", "--", "sh", "-c",
		`trap "" TERM; echo mine; while :; do read line; done`)
	require.Equal(t, "mine", p.line())
	d.cell.Stop(1)
	require.Contains(t, p.ends(run.ExitLost), "/ls/local/l: lost: ")
}

func TestWatchPrintsWhatHappens(t *testing.T) {
	d := newDesk(t)
	p := d.process("watch", "/ls/local/w", "--children", "-o", "jsonl")
	require.Equal(t, "synced", fields(t, p.line())["kind"])
	d.types(0, "create /ls/local/w one")
	d.types(0, "create /ls/local/w/c two")
	for _, want := range []string{"/ls/local/w one", "/ls/local/w/c two"} {
		e := fields(t, p.line())
		require.Equal(t, "created", e["kind"])
		require.Equal(t, want, e["name"].(string)+" "+e["contents"].(string))
	}
	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	p.ends(130)
}

func TestWatchOnceEndsWithTheFirstNews(t *testing.T) {
	d := newDesk(t)
	d.types(0, "create /ls/local/w one")
	p := d.process("watch", "/ls/local/w", "--once")
	require.Contains(t, p.line(), "current")
	require.Contains(t, p.line(), "synced")
	d.types(0, "put /ls/local/w two")
	require.Contains(t, p.line(), "modified")
	p.ends(0)
}

// With --exec each event runs a command, in order, with the event in its input and environment.
func TestWatchExecRunsACommandForEachEvent(t *testing.T) {
	d := newDesk(t)
	d.types(0, "create /ls/local/w one")
	p := d.process("watch", "/ls/local/w", "--once", "--exec",
		`read event; echo "$CELL_EVENT_KIND $CELL_EVENT_NAME $CELL_EVENT_GENERATION $event"; exit 3`)
	for _, kind := range []string{"current", "synced"} {
		require.Regexp(t, "^"+kind+` /ls/local/w [01] {"kind":"`+kind+`".*}$`, p.line())
	}
	d.types(0, "put /ls/local/w two")
	require.Regexp(t, `^modified /ls/local/w 2 {"kind":"modified","name":"/ls/local/w","zxid":".*"contents":"two"}$`,
		p.line())
	require.Contains(t, p.ends(3), "current /ls/local/w: CMD ended with 3")

	p = d.process("watch", "/ls/local/w", "--exec", "echo deaf; exec sleep 1000") // it never reads
	require.Equal(t, "deaf", p.line())
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	p.ends(143)
}

func TestStatusTellsOfTheReplica(t *testing.T) {
	d := newDesk(t)
	s := fields(t, d.types(0, "status -o json").out)
	require.Equal(t, "local", s["cell"])
	require.EqualValues(t, 1, s["master"])
	require.Len(t, s["replicas"], 1)
	d.cell.Stop(1)
	got := d.types(6, "status --timeout 1s")
	require.Contains(t, got.out, "unreachable")
	require.Contains(t, got.err, "no master")
}

func TestNamesAreCompleted(t *testing.T) {
	d := newDesk(t)
	d.types(0, "create /ls/local/alpha")
	d.types(0, "create /ls/local/beta")
	got := d.args(0, "", "__complete", "get", "/ls/local/al").out
	require.Contains(t, got, "/ls/local/alpha\n")
	require.NotContains(t, got, "beta")
}

func TestOneLockIsNotTakenTwice(t *testing.T) {
	d := newDesk(t)
	file := filepath.Join(t.TempDir(), "count")
	require.NoError(t, os.WriteFile(file, []byte("0"), 0o600))
	script := `n=$(cat "$0"); echo $((n+1)) >"$0.new"; mv "$0.new" "$0"`
	var all []*process
	for range 5 {
		all = append(all, d.process("lock", "/ls/local/l", "--", "sh", "-c", script, file))
	}
	for _, p := range all {
		p.ends(0)
	}
	count, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "5\n", string(count))
}
