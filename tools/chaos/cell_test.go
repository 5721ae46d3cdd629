package chaos

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// processes is a cell of five celld processes.
type processes struct {
	t         *testing.T
	celld     string
	dir       string
	endpoints []string
	http      []string
	apart     *network // nil: they share this machine's loopback
	settings  []string // of every replica, as its environment has them
	mu        sync.Mutex
	running   map[int]*exec.Cmd
}

// build makes a program of this module.
func build(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	out, err := exec.Command("go", "build", "-o", path, "github.com/leasehold/leasehold/cmd/"+name).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// freePorts finds a P with all of P+1…P+25 free now.
func freePorts(t *testing.T) int {
	t.Helper()
	for p := 10_000 + os.Getpid()%400*50; p < 32_000; p += 50 { // below the ports that dialing takes
		if allFree(p) {
			return p
		}
	}
	require.Fail(t, "no free ports")
	return 0
}

func allFree(p int) bool {
	for i := 1; i <= 25; i++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p+i))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// realProcesses leaves a test out of short runs: -short is for seconds on a busy machine and for -race,
// which says nothing about processes that are built without it.
func realProcesses(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds celld and runs real processes of it: go test without -short runs this")
	}
}

func newProcesses(t *testing.T) *processes {
	t.Helper()
	return &processes{t: t, celld: build(t, "celld"), dir: t.TempDir(), running: map[int]*exec.Cmd{}}
}

// start makes a cell with init and starts its five processes, with settings as their environment
// has them (CELLD_…=…).
func start(t *testing.T, settings ...string) *processes {
	t.Helper()
	p := newProcesses(t)
	p.settings = settings
	port := freePorts(t)
	out, err := exec.Command(p.celld, "init", "--dir", p.dir, "--listen",
		fmt.Sprintf("127.0.0.1:%d", port)).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for i := 1; i <= 5; i++ {
		p.endpoints = append(p.endpoints, fmt.Sprintf("127.0.0.1:%d", port+i))
		p.http = append(p.http, fmt.Sprintf("127.0.0.1:%d", port+20+i))
		p.serve(i)
	}
	t.Cleanup(p.end)
	return p
}

// serve starts replica i; what it logs goes to a file that a failed test shows.
func (p *processes) serve(i int) {
	p.t.Helper()
	cmd := p.apart.command(i, p.celld, "serve", "--config", filepath.Join(p.dir, fmt.Sprintf("replica-%d.yaml", i)))
	log, err := os.OpenFile(p.log(i), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, log.Close()) }()
	cmd.Stderr, cmd.Stdout = log, log
	cmd.Env = append(os.Environ(), p.settings...)
	require.NoError(p.t, cmd.Start())
	p.mu.Lock()
	p.running[i] = cmd
	p.mu.Unlock()
}

func (p *processes) log(i int) string { return filepath.Join(p.dir, fmt.Sprintf("log-%d", i)) }

// kill ends replica i as a power failure of the process would.
func (p *processes) kill(i int) {
	p.t.Helper()
	p.mu.Lock()
	cmd := p.running[i]
	delete(p.running, i)
	p.mu.Unlock()
	require.NoError(p.t, cmd.Process.Signal(syscall.SIGKILL))
	_ = cmd.Wait() // killed: its error says so
}

// signal sends replica i a signal, if it runs.
func (p *processes) signal(i int, s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cmd, ok := p.running[i]; ok {
		require.NoError(p.t, cmd.Process.Signal(s))
	}
}

func (p *processes) end() {
	for i := 1; i <= 6; i++ { // five, and a newcomer
		if cmd, ok := p.running[i]; ok {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
		}
		if p.t.Failed() {
			text, _ := os.ReadFile(p.log(i))
			p.t.Logf("replica %d:\n%s", i, text)
		}
	}
}

// client gives a client of the cell, closed at the end of the test.
func (p *processes) client() *client.Client {
	p.t.Helper()
	c, err := client.New(client.Config{Endpoints: p.endpoints, Cell: "local"})
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

// until waits for a condition of the cell, as the cell says it.
func (p *processes) until(what string, ok func(client.Status) bool) client.Status {
	p.t.Helper()
	c := p.client()
	var last client.Status
	require.Eventually(p.t, func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		s, err := c.Status(ctx)
		last = s
		return err == nil && ok(s)
	}, time.Minute, 20*time.Millisecond, what)
	return last
}

// master waits for one and gives its number.
func (p *processes) master() int {
	p.t.Helper()
	return int(p.until("a master", func(s client.Status) bool { return s.Master != 0 }).Master)
}

// whole waits until all five serve and none lags.
func (p *processes) whole() {
	p.t.Helper()
	p.until("all five serve", func(s client.Status) bool {
		serving := 0
		for _, r := range s.Replicas {
			if r.Role == "master" || r.Role == "follower" && r.Epoch == s.Epoch {
				serving++
			}
		}
		return serving == 5
	})
}

// metric reads one number of replica i's /metrics; 0 when it is not there.
func (p *processes) metric(i int, name string) float64 {
	p.t.Helper()
	r, err := http.Get("http://" + p.http[i-1] + "/metrics")
	require.NoError(p.t, err)
	defer func() { require.NoError(p.t, r.Body.Close()) }()
	var b bytes.Buffer
	_, err = b.ReadFrom(r.Body)
	require.NoError(p.t, err)
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(b.Bytes())
	if m == nil {
		return 0
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	require.NoError(p.t, err)
	return n
}
