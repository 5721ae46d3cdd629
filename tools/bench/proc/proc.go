package proc

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// patience is how long a server may take to end after TERM before it is killed.
const patience = 10 * time.Second

// Proc is one server process, which can be started anew with the same command.
type Proc struct {
	Name  string
	House *House // where it runs; nil: where this process does
	Log   string // the file that gets its output

	dir  string
	env  []string
	argv []string

	cmd  *exec.Cmd
	done chan struct{}
}

// Start runs argv in dir, with env added to the environment and its output in dir/name.log.
func Start(name, dir string, env []string, argv ...string) (*Proc, error) {
	return StartIn(nil, name, dir, env, argv...)
}

// StartIn is Start in a house.
func StartIn(h *House, name, dir string, env []string, argv ...string) (*Proc, error) {
	p := &Proc{Name: name, House: h, Log: dir + "/" + name + ".log", dir: dir, env: env, argv: h.inside(argv)}
	return p, p.Start()
}

// CutOff drops whatever the process sends or is sent; Mend lets it pass again. ErrNoHouse where
// that cannot be.
func (p *Proc) CutOff() error {
	if p.House == nil {
		return ErrNoHouse
	}
	return p.House.Cut()
}

// Mend ends what CutOff did.
func (p *Proc) Mend() error {
	if p.House == nil {
		return nil
	}
	return p.House.Mend()
}

// Start runs the command again; it must have ended.
func (p *Proc) Start() error {
	log, err := os.OpenFile(p.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Dir, cmd.Env = p.dir, append(os.Environ(), p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := fork(cmd); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	p.cmd, p.done = cmd, done
	return nil
}

// forks carries commands to the one thread that starts them.
var forks = sync.OnceValue(func() chan func() {
	c := make(chan func())
	go func() {
		runtime.LockOSThread() // a parent-death signal is sent when the parent's *thread* ends
		for f := range c {
			f()
		}
	}()
	return c
})

func fork(cmd *exec.Cmd) error {
	result := make(chan error)
	forks() <- func() { result <- cmd.Start() }
	return <-result
}

// Pid is the process id of the last start.
func (p *Proc) Pid() int { return p.cmd.Process.Pid }

// Running tells whether the process has not ended yet.
func (p *Proc) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Kill ends the process with KILL and waits for its end.
func (p *Proc) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Pause stops the process where it stands; Resume lets it go on.
func (p *Proc) Pause() error { return p.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume lets a paused process go on.
func (p *Proc) Resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// Terminate asks the process to end, and returns at once.
func (p *Proc) Terminate() error { return p.cmd.Process.Signal(syscall.SIGTERM) }

// Stop asks the process to end and waits; it is killed if it takes more than ten seconds.
func (p *Proc) Stop() {
	if !p.Running() {
		return
	}
	_ = p.Resume()
	_ = p.Terminate()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.Kill()
	}
}

// StopAll stops several processes at the same time.
func StopAll(all []*Proc) {
	var wait sync.WaitGroup
	for _, p := range all {
		wait.Go(p.Stop)
	}
	wait.Wait()
}
