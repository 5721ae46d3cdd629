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

const (
	lingerNotice = time.Second            // COMMAND ended, its group did not: say so after this
	stopPatience = 100 * time.Millisecond // a stop of ourselves that has not come by then will not
)

var forwarded = []os.Signal{
	syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH,
}

// Listen gives the signals that Run forwards. Call it before the lock is asked for: then none
// falls between the wait and COMMAND. stop gives them their ordinary meaning again.
func Listen() (signals <-chan os.Signal, stop func()) {
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, forwarded...)
	return ch, func() { signal.Stop(ch) }
}

// Ends reports whether a signal that comes before COMMAND runs ends us, and with which code.
func Ends(s os.Signal) (exit int, ends bool) {
	n, ok := s.(syscall.Signal)
	if !ok || n == syscall.SIGWINCH || n == syscall.SIGUSR1 || n == syscall.SIGUSR2 {
		return 0, false
	}
	return exitSignal + int(n), true
}

// watch is one run from start to the group's end. It owns the terminal and the ending.
type watch struct {
	task  *Task
	group *group
	tty   terminal

	ending Ending
	kill   <-chan time.Time
	linger <-chan time.Time
}

func (w *watch) untilGone() Ending {
	own := w.tty.ours()
	if own {
		w.tty.give(w.group.id)
		w.group.send(syscall.SIGCONT) // it may have asked for the terminal before it had it
	}
	w.tty.unstoppable()
	defer w.tty.stoppable()
	for w.step() {
	}
	if w.tty.foreground() == w.group.id {
		w.tty.give(unix.Getpgrp())
	}
	return w.ending
}

// step waits for one thing to happen; false when the group is gone.
func (w *watch) step() bool {
	held := w.task.Held.Done()
	if w.ending.Lost != nil {
		held = nil
	}
	select {
	case s, more := <-w.group.changes:
		if more {
			w.changed(s)
		}
		return more
	case s := <-w.task.Signals:
		if n, ok := s.(syscall.Signal); ok {
			w.group.send(n)
		}
	case <-held:
		w.lose(context.Cause(w.task.Held))
	case <-w.kill:
		w.group.send(syscall.SIGKILL)
	case <-w.linger:
		w.task.say("COMMAND has ended, processes that it started have not: still holding until they end")
	}
	return true
}

// lose tells the group to end, and starts the count to KILL.
func (w *watch) lose(why error) {
	w.ending.Lost = why
	w.linger = nil
	w.group.send(syscall.SIGTERM)
	w.group.send(syscall.SIGCONT) // who is stopped hears no TERM
	w.kill = time.After(w.task.KillAfter)
}

func (w *watch) changed(s syscall.WaitStatus) {
	switch {
	case s.Stopped():
		w.stopped(s.StopSignal())
	case s.Exited():
		w.over(Ending{Code: s.ExitStatus(), Lost: w.ending.Lost})
	case s.Signaled():
		w.over(Ending{Signal: s.Signal(), Lost: w.ending.Lost})
	}
}

func (w *watch) over(e Ending) {
	w.ending = e
	if e.Lost == nil {
		w.linger = time.After(lingerNotice)
	}
}

// stopped does what a shell's user expects of Ctrl-Z: we stop too, so that the shell is back.
// A COMMAND that stopped only to ask for the terminal (an interactive shell does) goes on at once
// if it has it by now, or if it is ours to give.
func (w *watch) stopped(by syscall.Signal) {
	if !w.tty.has || w.ending.Lost != nil {
		return
	}
	asks := by == syscall.SIGTTIN || by == syscall.SIGTTOU
	if !asks || !w.tty.ours() && w.tty.foreground() != w.group.id {
		w.suspend()
	}
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
	if w.tty.ours() {
		w.tty.give(w.group.id)
	}
	w.group.send(syscall.SIGCONT)
}
