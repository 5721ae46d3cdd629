//go:build unix

package run

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/leasehold/leasehold/cell"
	"golang.org/x/sys/unix"
)

// stopPatience: a stop of ourselves that has not come by then will not.
const stopPatience = 100 * time.Millisecond

// commandStopped does what a shell's user expects of Ctrl-Z: we stop too, so that the shell is
// back. A COMMAND that stopped only to ask for the terminal (an interactive shell does) goes on
// at once if it has it by now, or if it is ours to give.
func (w *watch) commandStopped(by syscall.Signal) {
	if w.ending.Lost != nil {
		w.proceed() // to its end: TERM is waiting for it
		return
	}
	if !w.tty.has {
		return
	}
	asks := by == syscall.SIGTTIN || by == syscall.SIGTTOU
	if asks && (w.tty.ours() || w.tty.foreground() == w.group.id) {
		w.proceed()
		return
	}
	w.suspend()
	w.resume()
}

// stopWithCommand is for a Ctrl-Z that reached us and not COMMAND, which has no terminal. COMMAND
// must not run while we cannot end it: it stops first.
func (w *watch) stopWithCommand() {
	if w.ending.Lost != nil {
		return // COMMAND is about to be killed; who would do it?
	}
	w.group.send(syscall.SIGSTOP)
	select {
	case s, more := <-w.group.changes: // the stop itself, unless COMMAND ended before
		if more && !s.Stopped() {
			w.changed(s)
		}
	case <-time.After(stopPatience):
	}
	w.suspend()
	w.resume()
}

// suspend stops our own group and returns when it is continued. In a group that no shell looks
// after the kernel ignores the stop; then COMMAND just goes on.
func (w *watch) suspend() {
	if w.tty.foreground() == w.group.id {
		w.tty.give(unix.Getpgrp())
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	defer stoppable()()
	_ = unix.Kill(0, syscall.SIGTSTP)
	select {
	case <-continued:
	case <-time.After(stopPatience):
	}
}

// resume lets COMMAND go on if it still may: no KeepAlive was sent while we were stopped, and the
// timers of the hold may not have run yet.
func (w *watch) resume() {
	switch {
	case w.task.Held.Err() != nil:
		w.lose(context.Cause(w.task.Held))
		return
	case w.task.Deadline != nil && !time.Now().Before(w.task.Deadline()):
		w.lose(fmt.Errorf("%w: its deadline passed while cellctl was stopped", cell.ErrLockLost))
		return
	}
	w.proceed()
}

// proceed continues COMMAND, with the terminal if it is ours to give.
func (w *watch) proceed() {
	if w.tty.ours() {
		w.tty.give(w.group.id)
	}
	w.group.send(syscall.SIGCONT)
}
