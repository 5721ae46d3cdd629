//go:build unix

package run

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bench runs one COMMAND with pipes for its standard input and output.
type bench struct {
	t     *testing.T
	task  Task
	lose  context.CancelCauseFunc
	in    *os.File // COMMAND's stdin, our end
	out   *bufio.Reader
	said  chan string
	ended chan Ending
	ends  []*os.File // COMMAND's ends of the pipes
}

func newBench(t *testing.T, command string) *bench {
	b := &bench{t: t, said: make(chan string, 8), ended: make(chan Ending, 1)}
	held, lose := context.WithCancelCause(context.Background())
	b.lose = lose
	inR, inW, err := os.Pipe()
	require.NoError(t, err)
	outR, outW, err := os.Pipe()
	require.NoError(t, err)
	b.in, b.out, b.ends = inW, bufio.NewReader(outR), []*os.File{inR, outW}
	b.task = Task{
		Argv: []string{os.Args[0]}, Env: []string{asCommand + "=" + command},
		Held: held, KillAfter: time.Minute, Stdin: inR, Stdout: outW,
		Say: func(l string) { b.said <- l },
	}
	t.Cleanup(func() { _ = inW.Close(); _ = outR.Close() })
	return b
}

func (b *bench) start() { go func() { b.ended <- Run(b.task) }() }

func (b *bench) line() string {
	l, err := b.out.ReadString('\n')
	require.NoError(b.t, err)
	return l[:len(l)-1]
}

// rest is what was still written; it comes to an end only if no process has the pipe any more.
func (b *bench) rest() string {
	for _, f := range b.ends {
		require.NoError(b.t, f.Close())
	}
	all, err := io.ReadAll(b.out)
	require.NoError(b.t, err)
	return string(all)
}

func TestCommandsOwnCodeAndSignalComeThrough(t *testing.T) {
	for command, exit := range map[string]int{"exit 0": 0, "exit 1": 1, "exit 76": 76, "itself": 128 + 9} {
		b := newBench(t, command)
		e := Run(b.task)
		require.Equal(t, exit, e.Exit(), command)
		require.Equal(t, e.Signal == 0, e.Line() == "", command)
	}
}

func TestWhatCannotBeRunSays126Or127(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, []byte("no program"), 0o644))
	garbage := filepath.Join(dir, "garbage")
	require.NoError(t, os.WriteFile(garbage, []byte("no program"), 0o755))
	orphan := filepath.Join(dir, "orphan")
	require.NoError(t, os.WriteFile(orphan, []byte("#!"+dir+"/missing\n"), 0o755))
	for argv, exit := range map[string]int{
		"no-such-program-here": 127, filepath.Join(dir, "missing"): 127, orphan: 127,
		plain: 126, garbage: 126, dir: 126,
	} {
		e := Run(Task{Argv: []string{argv}, Held: context.Background()})
		require.Equal(t, exit, e.Exit(), "%s: %v", argv, e.Failed)
		require.Contains(t, e.Line(), argv)
	}
}

func TestEnvironmentReplacesWhatWasThere(t *testing.T) {
	t.Setenv("CELL_SESSION", "old")
	b := newBench(t, "print CELL_SESSION")
	b.task.Env = append(b.task.Env, "CELL_SESSION=12")
	require.Equal(t, 0, Run(b.task).Exit())
	require.Equal(t, "12\n1\n", b.rest())
}

func TestC1_AHoldThatHasEndedStartsNothing(t *testing.T) {
	b := newBench(t, "exit 0")
	b.lose(errTaken)
	e := Run(b.task)
	require.Equal(t, ExitLost, e.Exit())
	require.Contains(t, e.Line(), "lease ran out")
}

func TestC1_LossSendsTermAndTellsWhy(t *testing.T) {
	b := newBench(t, "polite")
	b.start()
	require.Equal(t, "ready", b.line())
	b.lose(errTaken)
	require.Equal(t, "SIGTERM", b.line())
	e := <-b.ended
	require.Equal(t, ExitLost, e.Exit())
	require.Equal(t, 9, e.Code)
	require.ErrorIs(t, e.Lost, errTaken)
	require.Equal(t, "lost: lease ran out; COMMAND was ended", e.Line())
}

func TestC1_LossKillsWhoIgnoresTerm(t *testing.T) {
	b := newBench(t, "stubborn")
	b.task.KillAfter = 10 * time.Millisecond
	b.start()
	require.Equal(t, "ready", b.line())
	b.lose(errTaken)
	e := <-b.ended
	require.Equal(t, ExitLost, e.Exit())
	require.Equal(t, syscall.SIGKILL, e.Signal)
}

// Who comes late, because it was stopped itself, gives COMMAND no time that may be another holder's.
func TestC1_ALateLossLeavesWhatIsLeft(t *testing.T) {
	for late, want := range map[time.Duration]syscall.Signal{time.Minute: syscall.SIGKILL, time.Second: 0} {
		b := newBench(t, "polite")
		b.task.Deadline = func() time.Time { return time.Now().Add(-late) }
		b.start()
		require.Equal(t, "ready", b.line())
		b.lose(errTaken)
		e := <-b.ended
		require.Equal(t, ExitLost, e.Exit())
		require.Equal(t, want, e.Signal)
	}
	soon := Task{KillAfter: time.Minute, Deadline: func() time.Time { return time.Now().Add(time.Hour) }}
	require.Equal(t, time.Minute, soon.left(), "taken before its deadline")
}

func TestC1_LossEndsWhoIsStopped(t *testing.T) {
	b := newBench(t, "loner")
	b.start()
	pid, err := strconv.Atoi(b.line())
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
	b.lose(errTaken)
	require.Equal(t, ExitLost, (<-b.ended).Exit())
}

func TestC1_TheLockIsKeptUntilTheWholeGroupIsGone(t *testing.T) {
	b := newBench(t, "parent stubborn")
	b.start()
	require.Equal(t, "ready", b.line())
	select {
	case l := <-b.said:
		require.Contains(t, l, "still holding")
	case e := <-b.ended:
		t.Fatalf("Run returned while a grandchild lived: %+v", e)
	}
	require.NoError(t, b.in.Close())
	require.Equal(t, 3, (<-b.ended).Exit())
	require.Empty(t, b.rest())
}

func TestC1_LossKillsGrandchildrenToo(t *testing.T) {
	b := newBench(t, "parent stubborn")
	b.task.KillAfter = 10 * time.Millisecond
	b.start()
	require.Equal(t, "ready", b.line())
	b.lose(errTaken)
	require.Equal(t, ExitLost, (<-b.ended).Exit())
	require.Empty(t, b.rest(), "somebody still has the pipe")
}

func TestSignalsAreForwarded(t *testing.T) {
	b := newBench(t, "polite")
	signals := make(chan os.Signal, 8)
	b.task.Signals = signals
	b.start()
	require.Equal(t, "ready", b.line())
	for _, s := range []struct {
		n    syscall.Signal
		name string
	}{
		{syscall.SIGHUP, "SIGHUP"}, {syscall.SIGINT, "SIGINT"}, {syscall.SIGQUIT, "SIGQUIT"},
		{syscall.SIGUSR1, "SIGUSR1"}, {syscall.SIGUSR2, "SIGUSR2"}, {syscall.SIGWINCH, "SIGWINCH"},
		{syscall.SIGTERM, "SIGTERM"},
	} {
		signals <- s.n
		require.Equal(t, s.name, b.line())
	}
	require.Equal(t, 9, (<-b.ended).Exit(), "COMMAND's own code, though a signal ended it")
}

func TestListenHearsWhatIsForwarded(t *testing.T) {
	signals, stop := Listen()
	defer stop()
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR2))
	require.Equal(t, syscall.SIGUSR2, <-signals)
}

func TestOnlyEndingSignalsEndTheWait(t *testing.T) {
	for s, want := range map[syscall.Signal]int{
		syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, syscall.SIGQUIT: 131,
		syscall.SIGUSR1: 0, syscall.SIGUSR2: 0, syscall.SIGWINCH: 0,
	} {
		exit, ends := Ends(s)
		require.Equal(t, want, exit, s)
		require.Equal(t, want != 0, ends, s)
	}
}

func TestEndingOfAFailureIsOneLine(t *testing.T) {
	e := Ending{Failed: errors.New("no luck")}
	require.Equal(t, "COMMAND was not run: no luck", e.Line())
	require.Equal(t, ExitCannotExecute, e.Exit())
}
