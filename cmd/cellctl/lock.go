package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/cmd/cellctl/run"
	"github.com/spf13/cobra"
)

// lockRequest is what the lock command was asked for.
type lockRequest struct {
	name        cell.Name
	command     []string
	shared, try bool
	wait        time.Duration // 0: as long as it takes
	delay       time.Duration // below 0: the cell's
	note        string
	killAfter   time.Duration
	notAcquired int
}

const lockHelp = `lock takes the lock of NAME, making the node and its parents if they are missing, and runs COMMAND
while it holds it. COMMAND runs without a shell, in a process group of its own, and finds in its
environment CELL_LOCK_NAME, CELL_LOCK_SEQUENCER, CELL_LOCK_TOKEN, CELL_SESSION and CELLCTL_ENDPOINTS.
HUP, INT, QUIT, TERM, USR1, USR2 and WINCH are forwarded to it. When the lock is lost the group gets
TERM, and KILL --kill-after later, before anybody else can have the lock as long as cellctl itself
gets CPU: against a machine that was paused only the sequencer protects. The lock is released when
the last process of the group is gone; what leaves the group (daemons, the jobs of an interactive
shell) is not waited for and not ended.

Exit codes with COMMAND: its own; 128+n if signal n killed it; 75 (or -E) if the lock was not
acquired; 76 if it was lost and COMMAND was ended; 126 if COMMAND cannot be executed, 127 if it is
not found; 125 for everything else. Without COMMAND lock prints the sequencer and holds the lock
until a signal, with the same 75 and 76.`

func (a *app) lockCommand() *cobra.Command {
	l := &lockRequest{}
	c := &cobra.Command{
		Use: "lock NAME [-- COMMAND…]", Short: "Hold a lock while COMMAND runs, or until a signal", Long: lockHelp,
		Example: "  cellctl lock /ls/local/nightly --wait 10m --note \"build 812\" -- ./run.sh\n" +
			"  cellctl lock /ls/local/nightly --try -- make deploy",
		ValidArgsFunction: a.completeName, DisableFlagsInUseLine: true,
	}
	f := c.Flags()
	f.BoolVar(&l.shared, "shared", false, "beside other shared holders")
	f.BoolVar(&l.try, "try", false, "do not wait for it")
	f.DurationVar(&l.wait, "wait", 0, "wait no longer than this (default: as long as it takes)")
	f.DurationVar(&l.delay, "lock-delay", -1, "how long it stays taken if we die (default: the cell's)")
	f.StringVar(&l.note, "note", "", "shown by cellctl locks")
	f.DurationVar(&l.killAfter, "kill-after", defaultKillAfter, "from TERM to KILL when the lock is lost")
	f.IntVarP(&l.notAcquired, "conflict-exit-code", "E", run.ExitNotAcquired, "exit code when the lock was not acquired")
	f.Lookup("lock-delay").DefValue = "0" // so that help does not show -1ns
	a.nameThenCommand(c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		own, command := splitCommand(cmd, args)
		name, err := nameArg(own)
		if err != nil {
			return err
		}
		l.name, l.command = name, command
		if err := l.check(cmd.Flags().Changed("wait"), cmd.Flags().Changed("lock-delay")); err != nil {
			return err
		}
		return a.asking(cmd.Context(), name, func(ctx context.Context, c *client.Client) error {
			return a.lock(ctx, c, l)
		})
	}
	c.AddCommand(a.lockShowCommand(), a.lockBreakCommand())
	return c
}

// check finds what makes no sense before anything is asked of the cell.
func (l *lockRequest) check(waits, delays bool) error {
	switch {
	case waits && l.try:
		return usagef("--try does not wait: give it or --wait")
	case waits && l.wait <= 0:
		return usagef("--wait must be above 0; --try does not wait")
	case delays && l.delay < 0:
		return usagef("--lock-delay must not be below 0")
	case l.killAfter < 0:
		return usagef("--kill-after must not be below 0")
	case l.notAcquired < 0 || l.notAcquired > 255:
		return usagef("-E %d is no exit code; those go from 0 to 255", l.notAcquired)
	}
	return nil
}

// fits checks the kill-after against the cell's lengths. A hold lasts no longer than half the
// session lease and the lock-delay when its KeepAlive is answered as late as that happens.
func (l *lockRequest) fits(d cell.Lengths) error {
	delay := d.LockDelay
	if l.delay >= 0 {
		delay = min(l.delay, d.LockDelayMax)
	}
	if most := d.SessionLease/2 + delay; len(l.command) > 0 && l.killAfter >= most {
		return usagef("--kill-after %v must be below %v, this cell's session lease / 2 + lock-delay: "+
			"the hold would end as soon as it begins", l.killAfter, most)
	}
	return nil
}

// options carry the kill-after as the hold's Margin: the hold ends that much earlier than it
// must, and COMMAND is dead before anybody else can have the lock.
func (l *lockRequest) options() []client.LockOption {
	o := []client.LockOption{client.Note(l.note)}
	if l.shared {
		o = append(o, client.Shared())
	}
	if l.delay >= 0 {
		o = append(o, client.LockDelay(l.delay))
	}
	if len(l.command) > 0 {
		o = append(o, client.Margin(l.killAfter))
	}
	return o
}

func (a *app) lock(ctx context.Context, c *client.Client, l *lockRequest) error {
	s, err := a.session(ctx, c)
	if err != nil {
		return err
	}
	defer closeSession(s)
	if err := l.fits(s.Lengths()); err != nil {
		return err
	}
	h, err := a.acquire(ctx, s, l)
	if errors.Is(err, context.DeadlineExceeded) && l.wait > 0 && ctx.Err() == nil {
		return l.notGot(a.whoHas(ctx, c, l.name))
	}
	if err != nil {
		return err
	}
	return a.keepLock(ctx, s, h, l)
}

// whoHas asks who kept us waiting. Without an answer the lock is just held.
func (a *app) whoHas(ctx context.Context, c *client.Client, name cell.Name) error {
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	l, err := c.LockOf(ctx, string(name))
	if err != nil {
		return cell.ErrLocked
	}
	return &client.HeldError{Lock: l}
}

// acquire takes the lock. Its node is made when it is missing, and again when somebody removes
// it while we wait.
func (a *app) acquire(ctx context.Context, s *client.Session, l *lockRequest) (*client.Hold, error) {
	waiting, cancel := ctx, context.CancelFunc(func() {})
	switch {
	case l.try:
		waiting, cancel = a.request(ctx)
	case l.wait > 0:
		waiting, cancel = context.WithTimeout(ctx, l.wait)
	}
	defer cancel()
	for {
		h, err := l.ask(waiting, s)
		if err == nil {
			return h, nil
		}
		switch {
		case errors.Is(err, cell.ErrStaleHandle):
		case l.try && errors.Is(err, cell.ErrLocked):
			return nil, l.notGot(err)
		case l.wait > 0 && waiting.Err() != nil && ctx.Err() == nil:
			return nil, waiting.Err()
		default:
			return nil, err
		}
	}
}

func (l *lockRequest) ask(ctx context.Context, s *client.Session) (*client.Hold, error) {
	if l.try {
		return s.TryLock(ctx, string(l.name), l.options()...)
	}
	return s.Lock(ctx, string(l.name), l.options()...)
}

// notGot is the end of who did not get the lock; everything else that goes wrong is another end.
func (l *lockRequest) notGot(why error) error {
	if l.wait > 0 {
		return &ended{exit: l.notAcquired, why: fmt.Errorf("%s was not acquired within %v: %w", l.name, l.wait, why)}
	}
	return &ended{exit: l.notAcquired, why: fmt.Errorf("%s was not acquired: %w", l.name, why)}
}

// shellWords writes arguments as they would be typed.
func shellWords(args []string) string {
	words := make([]string, len(args))
	for i, w := range args {
		words[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$`*?[]{}()<>|&;~#!") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
