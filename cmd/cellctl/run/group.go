//go:build unix

package run

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Bounds of the poll for members of the group that are nobody's child of ours.
const (
	pollFirst = time.Millisecond
	pollMost  = 50 * time.Millisecond
)

// group is COMMAND's process group. Its keeper goroutine reaps; changes carries what COMMAND
// itself did, and is closed when the group is gone.
type group struct {
	id      int // of the group, and of COMMAND
	changes chan syscall.WaitStatus
}

// startGroup starts path in a process group of its own. The keeper stays on the thread that
// forked: Linux sends the parent-death signal when that thread ends, not the process.
func startGroup(path string, t *Task) (*group, error) {
	adoptOrphans()
	g := &group{changes: make(chan syscall.WaitStatus)}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var err error
		g.id, err = syscall.ForkExec(path, t.Argv, &syscall.ProcAttr{
			Env: environment(os.Environ(), t.Env), Files: t.files(), Sys: attributes(),
		})
		started <- err
		if err == nil {
			g.keep()
		}
	}()
	return g, <-started
}

// keep reaps until nobody is left. Members whose parent has gone become our children (adoptOrphans)
// and are waited for; those that are nobody's child of ours are polled for.
func (g *group) keep() {
	defer close(g.changes)
	pause := pollFirst
	for {
		var s syscall.WaitStatus
		pid, err := syscall.Wait4(-g.id, &s, syscall.WUNTRACED, nil)
		switch {
		case err == nil && pid == g.id:
			g.changes <- s
		case errors.Is(err, syscall.ECHILD):
			if g.gone() {
				return
			}
			time.Sleep(pause)
			pause = min(2*pause, pollMost)
		}
	}
}

func (g *group) gone() bool { return errors.Is(syscall.Kill(-g.id, 0), syscall.ESRCH) }

// send gives the signal to every member; a group that has just gone is no error.
func (g *group) send(s syscall.Signal) { _ = unix.Kill(-g.id, s) }

// environment is base with the additions in place of what base says of the same keys: a key
// that stands twice is read differently by different programs.
func environment(base, additions []string) []string {
	set := map[string]bool{}
	for _, kv := range additions {
		set[key(kv)] = true
	}
	out := make([]string, 0, len(base)+len(additions))
	for _, kv := range base {
		if !set[key(kv)] {
			out = append(out, kv)
		}
	}
	return append(out, additions...)
}

func key(kv string) string {
	k, _, _ := strings.Cut(kv, "=")
	return k
}
