package chaos

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

const (
	cacherIn      = "LEASEHOLD_TEST_CACHER_ENDPOINTS"
	stoppedCacher = "the cacher that is stopped"
)

// cacher caches a file and stays: a process of its own, to be stopped.
func cacher(endpoints []string) error {
	c, err := client.New(client.Config{Endpoints: endpoints, Identity: stoppedCacher})
	if err != nil {
		return err
	}
	s, err := c.NewSession(context.Background())
	if err != nil {
		return err
	}
	for s.CacheStats().Hits == 0 { // that it caches must be logged first (C5): until then it asks
		if _, err := s.Read(context.Background(), file); err != nil {
			return err
		}
	}
	fmt.Println("cached")
	<-s.Context().Done()
	return nil
}

// TestC10_AStoppedCacherStallsWritersOnce: a real process that caches is stopped (SIGSTOP). The
// first write of what it cached waits for its cache lease, the next ones for nothing; who it was,
// which node and how long is in the master's log, and counted.
func TestC10_AStoppedCacherStallsWritersOnce(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	ctx := context.Background()
	w, err := p.client().NewSession(ctx)
	require.NoError(t, err)
	_, err = w.Create(ctx, file, []byte("0"))
	require.NoError(t, err)

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), cacherIn+"="+strings.Join(p.endpoints, ","))
	said, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "cached\n", line)

	require.NoError(t, child.Process.Signal(syscall.SIGSTOP))
	m := p.master()
	lapses := func() float64 {
		require.Equal(t, m, p.master(), "the master has not changed meanwhile")
		return p.metric(m, "cell_round_lapses_total")
	}
	require.Zero(t, lapses())
	_, err = w.Write(ctx, file, []byte("1"))
	require.NoError(t, err)
	require.EqualValues(t, 1, lapses(), "the first write waited for the silent cacher")
	for n := range 20 {
		_, err = w.Write(ctx, file, fmt.Append(nil, n))
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, lapses(), "no other did")
	require.EqualValues(t, 1, p.metric(m, `cell_rounds_total{end="lapse"}`))

	text, err := os.ReadFile(p.log(m))
	require.NoError(t, err)
	stalled := regexp.MustCompile(`a silent cacher stalled a write[^"]*waited=(\S+)[^"]*`).FindSubmatch(text)
	require.NotNil(t, stalled, "%s", text)
	require.Contains(t, string(stalled[0]), stoppedCacher)
	require.Contains(t, string(stalled[0]), "node="+file)
	waited, err := time.ParseDuration(string(stalled[1]))
	require.NoError(t, err)
	t.Logf("waited %v: %s", waited, stalled[0])
	// By the master's own clock; a machine that has no time for it makes it longer.
	require.LessOrEqual(t, waited, w.Lengths().CacheLease+time.Second)
}
