package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

// patience is how long the cell may take for what one act of the story waits for.
const patience = 2 * time.Minute

// said is a line of one of the parts.
type said struct {
	part  string
	words []string
}

// story is the parts that are alive, and what they have said.
type story struct {
	cell, name string
	out        io.Writer
	alive      map[string]*exec.Cmd
	lines      chan said
	sees       map[string]string
}

// tell tells the story of two factories and five agents.
func tell(ctx context.Context, endpoints []string, name string, out io.Writer) error {
	s := &story{cell: strings.Join(endpoints, ","), name: name, out: out, alive: map[string]*exec.Cmd{},
		lines: make(chan said, 1024), sees: map[string]string{}}
	defer s.end()
	for _, act := range []struct {
		story  string
		do     func() error
		active string // who is the active factory then
	}{
		{"factory/1 and five agents come: the accounts are divided up.", func() error {
			return s.begin("factory/1", "agent/1", "agent/2", "agent/3", "agent/4", "agent/5")
		}, "factory/1"},
		{"factory/2 stands by. agent/1 dies: its accounts go to the living.", func() error {
			return firstOf(s.begin("factory/2"), s.kill("agent/1"))
		}, "factory/1"},
		{"factory/1 dies: factory/2 takes over and announces itself.", func() error {
			return s.kill("factory/1")
		}, "factory/2"},
		{"factory/1 comes back and stands by, agent/1 comes back and gets accounts; agents 2 and 3 die.", func() error {
			return firstOf(s.begin("factory/1", "agent/1"), s.kill("agent/2"), s.kill("agent/3"))
		}, "factory/2"},
		{"factory/2 dies: factory/1 is the active one again.", func() error { return s.kill("factory/2") }, "factory/1"},
	} {
		fmt.Fprintln(out, "\n—", act.story)
		if err := act.do(); err != nil {
			return err
		}
		if err := s.until(ctx, act.active); err != nil {
			return err
		}
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// begin starts parts, each as a process of its own.
func (s *story) begin(parts ...string) error {
	for _, part := range parts {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), partIn+"="+part, cellIn+"="+s.cell, nameIn+"="+s.name)
		cmd.Stderr = os.Stderr
		if _, err := cmd.StdinPipe(); err != nil {
			return err
		}
		says, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		s.alive[part] = cmd
		go func() {
			for in := bufio.NewScanner(says); in.Scan(); {
				s.lines <- said{part, strings.Fields(in.Text())}
			}
		}()
	}
	return nil
}

// kill ends a part at once.
func (s *story) kill(part string) error {
	cmd := s.alive[part]
	delete(s.alive, part)
	delete(s.sees, part)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	_ = cmd.Wait() // killed: its error says so
	fmt.Fprintf(s.out, "  SIGKILL %s\n", part)
	return nil
}

func (s *story) end() {
	for _, cmd := range s.alive {
		_ = cmd.Process.Signal(syscall.SIGTERM)
	}
	for drained := false; !drained && len(s.alive) > 0; {
		select {
		case <-s.lines:
		case <-time.After(time.Second):
			drained = true
		}
	}
	for _, cmd := range s.alive {
		_ = cmd.Wait()
	}
}

// until waits until every account has been worked on for that factory by agents that live and see it.
func (s *story) until(ctx context.Context, factory string) error {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	by := map[string]string{}
	for {
		select {
		case l := <-s.lines:
			s.hear(l, factory, by)
		case <-ctx.Done():
			return fmt.Errorf("%w: %d of %d accounts were worked on for %s", context.Cause(ctx), len(by), accounts, factory)
		}
		if len(by) == accounts && s.allSee(factory) {
			s.share(by)
			return nil
		}
	}
}

func (s *story) hear(l said, factory string, by map[string]string) {
	if s.alive[l.part] == nil { // it is dead, and what it did goes to somebody else
		return
	}
	switch {
	case len(l.words) == 2 && l.words[0] == "sees":
		who := strings.TrimPrefix(l.words[1], "factory:")
		if s.sees[l.part] = who; who == "" {
			who = "no factory, and pauses"
		}
		fmt.Fprintf(s.out, "  %s sees %s\n", l.part, who)
	case len(l.words) == 4 && l.words[0] == "did" && l.words[3] == factory:
		by[l.words[1]] = l.part
	}
	for account, part := range by {
		if s.alive[part] == nil {
			delete(by, account)
		}
	}
}

func (s *story) allSee(factory string) bool {
	for part := range s.alive {
		if strings.HasPrefix(part, "agent/") && s.sees[part] != factory {
			return false
		}
	}
	return true
}

func (s *story) share(by map[string]string) {
	has := map[string]int{}
	for _, part := range by {
		has[part]++
	}
	text := ""
	for _, part := range slices.Sorted(maps.Keys(has)) {
		text += fmt.Sprintf(" %s %d", part, has[part])
	}
	fmt.Fprintf(s.out, "  all %d accounts are worked on:%s\n", accounts, text)
}
