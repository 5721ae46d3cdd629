//go:build unix

package run

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// terminal is the controlling terminal, if standard input is it. The zero terminal is none, and
// does nothing.
type terminal struct {
	fd  int
	has bool
}

// openTerminal takes f for the terminal if it is ours: the question for its foreground group
// fails on everything else.
func openTerminal(f *os.File) terminal {
	t := terminal{fd: int(f.Fd()), has: true}
	t.has = t.foreground() > 0
	return t
}

// foreground is the group that has the terminal, 0 where there is none.
func (t terminal) foreground() int {
	if !t.has {
		return 0
	}
	pg, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	if err != nil {
		return 0
	}
	return pg
}

// ours reports whether our own group has the terminal.
func (t terminal) ours() bool { return t.has && t.foreground() == unix.Getpgrp() }

// give hands the terminal to a group. From the background that is allowed only to who ignores
// TTOU; the caller sees to that.
func (t terminal) give(group int) {
	if t.has {
		_ = unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, group)
	}
}

// unstoppable lets us write to the terminal and take it back from the background. It begins
// after COMMAND was started, who would inherit it.
func (t terminal) unstoppable() {
	if t.has {
		signal.Ignore(syscall.SIGTTOU)
	}
}

func (t terminal) stoppableAgain() {
	if t.has {
		signal.Reset(syscall.SIGTTOU)
	}
}
