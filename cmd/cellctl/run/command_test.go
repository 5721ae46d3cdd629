//go:build unix

package run

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is COMMAND too: what it does then stands in this variable.
const asCommand = "RUN_TEST_COMMAND"

func TestMain(m *testing.M) {
	if what := os.Getenv(asCommand); what != "" {
		word, rest, _ := strings.Cut(what, " ")
		commands[word](rest)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var commands map[string]func(rest string)

func init() {
	commands = map[string]func(string){
		"exit":     func(n string) { code, _ := strconv.Atoi(n); os.Exit(code) },
		"print":    func(k string) { fmt.Println(os.Getenv(k)); fmt.Println(countInEnviron(k)) },
		"polite":   polite,
		"stubborn": func(string) { signal.Ignore(syscall.SIGTERM); fmt.Println("ready"); awaitEOF() },
		"parent":   parent,
		"loner":    func(string) { fmt.Println(os.Getpid()); awaitEOF() },
		"itself":   func(string) { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); awaitEOF() },
		"resumed":  resumed,
		"tty":      ttyReader,
		"wrapper":  wrapper,
	}
}

func countInEnviron(k string) (n int) {
	for _, kv := range os.Environ() {
		if key(kv) == k {
			n++
		}
	}
	return n
}

func awaitEOF() { _, _ = io.Copy(io.Discard, os.Stdin) }

// polite names each signal; TERM ends it with 9.
func polite(string) {
	ch := make(chan os.Signal, 8)
	signal.Notify(ch, forwarded...)
	fmt.Println("ready")
	for s := range ch {
		fmt.Println(unix.SignalName(s.(syscall.Signal)))
		if s == syscall.SIGTERM {
			os.Exit(9)
		}
	}
}

// parent leaves a child in its group and exits with 3 by itself.
func parent(childIs string) {
	c := exec.Command(os.Args[0])
	c.Env = environment(os.Environ(), []string{asCommand + "=" + childIs})
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := c.Start(); err != nil {
		panic(err)
	}
	os.Exit(3)
}

// resumed says who it is, and when it is continued.
func resumed(string) {
	ch := make(chan os.Signal, 8)
	signal.Notify(ch, syscall.SIGCONT)
	fmt.Println(os.Getpid())
	go func() {
		for range ch {
			fmt.Println("continued")
		}
	}()
	awaitEOF()
}

// ttyReader says whether it has the terminal, reads lines and repeats them; "end" ends it.
func ttyReader(string) {
	cont := make(chan os.Signal, 8)
	in := bufio.NewScanner(os.Stdin)
	t := openTerminal(os.Stdin)
	for !t.ours() { // given by the wrapper a moment after our start; a shell waits so too
		_ = syscall.Kill(0, syscall.SIGTTIN)
	}
	signal.Notify(cont, syscall.SIGCONT)
	fmt.Println("foreground")
	go func() {
		for range cont {
			fmt.Println("continued")
		}
	}()
	for in.Scan() && in.Text() != "end" {
		fmt.Println("read " + in.Text())
	}
}

// wrapper is a process of its own that runs COMMAND as cellctl does.
func wrapper(rest string) {
	mode, command, _ := strings.Cut(rest, " ")
	t := Task{
		Argv: []string{os.Args[0]}, Env: []string{asCommand + "=" + command},
		Held: context.Background(), KillAfter: time.Minute,
		Say: func(l string) { fmt.Println(l) },
	}
	if mode == "overdue" {
		t.Deadline = func() time.Time { return time.Time{} }
	}
	e := Run(t)
	fmt.Printf("exit %d, terminal back %v\n", e.Exit(), openTerminal(os.Stdin).ours())
}

var errTaken = errors.New("lease ran out")
