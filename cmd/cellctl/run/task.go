//go:build unix

package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

// The exit codes of a run that are not COMMAND's own.
const (
	ExitNotAcquired   = 75  // --try or --wait ran out; -E replaces it
	ExitLost          = 76  // the hold ended and COMMAND was ended
	ExitWrapper       = 125 // whatever else of ours went wrong
	ExitCannotExecute = 126
	ExitNotFound      = 127
	exitSignal        = 128 // plus the signal's number
)

// Task is one COMMAND to be run under a hold.
type Task struct {
	Argv []string // the program (looked up in PATH) and its arguments; never empty
	Env  []string // KEY=VALUE, added to our own environment, or replacing what it has

	// Held ends when the hold does, with the reason as its cause. Deadline is when it ends at the
	// latest unless it is renewed; nil where only Held can tell.
	Held     context.Context
	Deadline func() time.Time

	KillAfter time.Duration    // from TERM to KILL when the hold is lost; 0 kills at once
	Signals   <-chan os.Signal // what Listen gave; nil forwards nothing
	Say       func(line string)

	Stdin, Stdout, Stderr *os.File // nil: our own
}

// Ending says how a run came to its end.
type Ending struct {
	Code   int            // COMMAND's own exit code, where Signal is 0
	Signal syscall.Signal // what killed COMMAND, 0 if nothing did
	Lost   error          // why the hold ended under COMMAND; nil if it did not
	Failed error          // why COMMAND was never started; nil if it was
}

// Exit is the exit code of cellctl for this ending.
func (e Ending) Exit() int {
	switch {
	case e.Failed != nil:
		return exitOfStart(e.Failed)
	case e.Lost != nil:
		return ExitLost
	case e.Signal != 0:
		return exitSignal + int(e.Signal)
	}
	return e.Code
}

// Line is the sentence for standard error; empty where COMMAND ended by itself.
func (e Ending) Line() string {
	switch {
	case e.Failed != nil:
		return fmt.Sprintf("COMMAND was not run: %v", e.Failed)
	case e.Lost != nil:
		return fmt.Sprintf("lost: %v; COMMAND was ended", e.Lost)
	case e.Signal != 0:
		return fmt.Sprintf("COMMAND was killed by signal %d (%v)", int(e.Signal), e.Signal)
	}
	return ""
}

// Run starts COMMAND and returns when its whole process group is gone. It never returns earlier,
// whatever happens to the hold: who calls it may release the hold then, and not before.
func Run(t Task) Ending {
	if err := context.Cause(t.Held); err != nil {
		return Ending{Lost: err}
	}
	path, err := exec.LookPath(t.Argv[0])
	if err != nil && !errors.Is(err, exec.ErrDot) { // a dot in PATH is the user's own wish
		return Ending{Failed: err}
	}
	stops := make(chan os.Signal, 1) // heard from before COMMAND runs
	hearStops(stops)
	defer signal.Stop(stops)
	g, err := startGroup(path, &t)
	if err != nil {
		return Ending{Failed: fmt.Errorf("%s: %w", path, err)}
	}
	w := watch{task: &t, group: g, tty: openTerminal(t.stdin()), stops: stops}
	return w.untilGone()
}

func exitOfStart(err error) int {
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return ExitNotFound
	}
	return ExitCannotExecute
}

// left is what there is of KillAfter.
func (t *Task) left() time.Duration {
	if t.Deadline == nil {
		return t.KillAfter
	}
	return min(time.Until(t.Deadline()), 0) + t.KillAfter
}

func (t *Task) stdin() *os.File { return or(t.Stdin, os.Stdin) }

func (t *Task) files() []uintptr {
	return []uintptr{t.stdin().Fd(), or(t.Stdout, os.Stdout).Fd(), or(t.Stderr, os.Stderr).Fd()}
}

func (t *Task) say(format string, args ...any) {
	if t.Say != nil {
		t.Say(fmt.Sprintf(format, args...))
	}
}

func or(f, own *os.File) *os.File {
	if f != nil {
		return f
	}
	return own
}
