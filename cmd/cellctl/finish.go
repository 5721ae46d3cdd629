package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/out"
	"github.com/leasehold/leasehold/cmd/cellctl/run"
	"github.com/spf13/cobra"
)

// usageError is a command line that makes no sense. It wraps cell.ErrUsage.
type usageError struct{ text string }

func (u *usageError) Error() string { return u.text }

// Unwrap makes errors.Is(err, cell.ErrUsage) true.
func (u *usageError) Unwrap() error { return cell.ErrUsage }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// ended is an end with an exit code of its own. Why nil says nothing: it has been said.
type ended struct {
	exit int
	why  error
	lost bool // what was held was lost: COMMAND, if there is one, did not end by itself
}

func (e *ended) Error() string { return fmt.Sprintf("ended with %d: %v", e.exit, e.why) }

// Unwrap gives the reason.
func (e *ended) Unwrap() error { return e.why }

// signalled is the cause of a context that a signal ended.
type signalled struct{ exit int }

func (s *signalled) Error() string { return fmt.Sprintf("signal %d", s.exit-128) }

// interruptible gives a context that ends with the first ending signal, until release: from then
// on the signals are somebody else's to read.
func (a *app) interruptible() (ctx context.Context, release func()) {
	ctx, a.interrupt = context.WithCancelCause(context.Background())
	a.listen()
	return ctx, func() { a.quiet() }
}

// listen lets an ending signal end the context that interruptible gave, until quiet is called.
func (a *app) listen() {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		a.awaitSignal(a.interrupt, stop)
	}()
	released := false
	a.quiet = func() {
		if !released {
			released = true
			close(stop)
			<-stopped
		}
	}
}

func (a *app) awaitSignal(cancel context.CancelCauseFunc, stop <-chan struct{}) {
	for {
		select {
		case s := <-a.signals:
			if exit, ends := run.Ends(s); ends {
				cancel(&signalled{exit})
				return
			}
		case <-stop:
			return
		}
	}
}

// finish says why the command failed and gives the exit code. ctx is the one that signals end.
func (a *app) finish(ctx context.Context, cmd *cobra.Command, err error) int {
	var e *ended
	var sig *signalled
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		if e.why != nil {
			a.fail(e.why, e.exit)
		}
		return e.exit
	case errors.As(context.Cause(ctx), &sig):
		return sig.exit
	case !a.understood:
		a.format = askedFormat(a.args)
		err = usagef("%v; see %s --help", err, cmd.CommandPath())
	}
	exit := exitOf(err)
	if a.wraps(cmd) {
		exit = run.ExitWrapper
	}
	a.fail(err, exit)
	return exit
}

// askedFormat is what -o says on a command line that was not understood, wherever it stands
// before "--": the flags behind the fault have not been parsed.
func askedFormat(args []string) out.Format {
	asked := out.Table
	for i, arg := range args {
		if arg == "--" {
			break
		}
		value, found := strings.CutPrefix(arg, "--output=")
		switch {
		case found:
		case (arg == "-o" || arg == "--output") && i+1 < len(args):
			value = args[i+1]
		case strings.HasPrefix(arg, "-o"):
			value = strings.TrimPrefix(arg[len("-o"):], "=")
		}
		if format, err := out.ParseFormat(value); err == nil {
			asked = format
		}
	}
	return asked
}

// wraps reports whether the command line has a COMMAND, whose codes 1–8 must not be ours.
func (a *app) wraps(cmd *cobra.Command) bool {
	dash := slices.Index(a.args, "--")
	if dash < 0 || dash == len(a.args)-1 {
		return false
	}
	return cmd.Name() == "lock" || cmd.Name() == "elect" ||
		cmd.Name() == "create" && slices.Contains(a.args[:dash], "--ephemeral")
}

// exitOf is the catalogue's exit code. A time-out of ours before anything was sent is "no master".
func exitOf(err error) int {
	if timedOut(err) {
		err = cell.ErrNoMaster
	}
	return cell.ExitOf(err)
}

func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && cell.CodeOf(err) == cell.CodeOf(cell.ErrInternal)
}

func (a *app) fail(err error, exit int) {
	f := out.Failure{Error: err.Error(), Code: codeOf(err), Exit: exit}
	var op *client.OpError
	if errors.As(err, &op) {
		f.Outcome = &op.Outcome
	}
	var none *client.NoMasterError
	if errors.As(err, &none) {
		f.Endpoints = none.Endpoints
	}
	if werr := a.format.Fail(a.err, f); werr != nil {
		_, _ = fmt.Fprintln(os.Stderr, "cellctl:", werr)
	}
}

func codeOf(err error) string {
	if timedOut(err) {
		err = cell.ErrNoMaster
	}
	return cell.CodeOf(err).String()
}
