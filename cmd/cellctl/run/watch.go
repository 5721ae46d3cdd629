//go:build unix

package run

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const lingerNotice = time.Second // COMMAND ended, its group did not: say so after this

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
	stops chan os.Signal // TSTP for ourselves

	ending Ending
	kill   <-chan time.Time
	linger <-chan time.Time
}

func (w *watch) untilGone() Ending {
	if w.tty.ours() {
		w.tty.give(w.group.id)
		w.group.send(syscall.SIGCONT) // it may have asked for the terminal before it had it
	}
	w.tty.unstoppable()
	defer w.tty.stoppableAgain()
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
	case <-w.stops:
		w.stopWithCommand()
	case <-held:
		w.lose(context.Cause(w.task.Held))
	case <-w.kill:
		w.group.send(syscall.SIGKILL)
	case <-w.linger:
		w.task.say("COMMAND has ended, processes that it started have not: still holding until they end")
	}
	return true
}

// lose tells the group to end, and starts the count to KILL: from the deadline, if we come later, for when the
// count is over another may hold. With the terminal COMMAND can put it in order; without, it would be stopped
// again as soon as it touches it.
func (w *watch) lose(why error) {
	w.ending.Lost = why
	w.linger = nil
	left := w.task.left()
	if left <= 0 {
		w.group.send(syscall.SIGKILL)
		return
	}
	w.group.send(syscall.SIGTERM)
	w.proceed() // who is stopped hears no TERM
	w.kill = time.After(left)
}

func (w *watch) changed(s syscall.WaitStatus) {
	switch {
	case s.Stopped():
		w.commandStopped(s.StopSignal())
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
