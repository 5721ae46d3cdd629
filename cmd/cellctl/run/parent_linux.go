package run

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes us the parent of whom COMMAND leaves behind, so that they can be waited for
// and leave no zombies in the group, also where process 1 reaps nobody. A kernel that refuses
// leaves the poll.
func adoptOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// attributes: a group of its own, and KILL when cellctl dies: nobody would be left to send it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
