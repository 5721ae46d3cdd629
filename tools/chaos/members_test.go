package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// serves waits until replica i votes.
func (p *processes) serves(i int) {
	p.t.Helper()
	p.until(fmt.Sprintf("replica %d votes", i), func(s client.Status) bool {
		for _, r := range s.Replicas {
			if int(r.ID) == i && (r.Role == "master" || r.Role == "follower" && s.Master != 0) {
				return true
			}
		}
		return false
	})
}

// newcomer writes the file of replica 6, as its operator would: one of the old ones, with another id and
// directory, and with its own line in the place of that of the replica whose place it takes.
func (p *processes) newcomer(instead int, client, peer, http string) {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, fmt.Sprintf("replica-%d.yaml", instead)))
	require.NoError(p.t, err)
	line := fmt.Sprintf("  - {id: 6, client: %q, peer: %q, http: %q}", client, peer, http)
	s := regexp.MustCompile(fmt.Sprintf(`(?m)^  - \{id: %d,.*$`, instead)).ReplaceAllString(string(text), line)
	s = strings.Replace(s, fmt.Sprintf("\nid: %d\ndir: data-%d ", instead, instead), "\nid: 6\ndir: data-6 ", 1)
	require.Contains(p.t, s, "\nid: 6\n")
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, "replica-6.yaml"), []byte(s), 0o600))
}

// One replica loses its disk and comes back by itself. Another dies for good: one of another id, in an
// empty directory, takes its place by one command; the cell then stands the loss of two more. The dead one
// comes back after all: it is told, and ends.
func TestZ15_AReplicaDiesForGoodAndAnotherTakesItsPlace(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	ctx := context.Background()
	c := p.client()
	s, err := c.NewSession(ctx)
	require.NoError(t, err)
	write := func() {
		t.Helper()
		_, err := s.Write(ctx, file, []byte("x"), client.OrCreate())
		require.NoError(t, err)
	}
	write()

	wiped := p.master()%5 + 1
	p.kill(wiped)
	require.NoError(t, os.RemoveAll(filepath.Join(p.dir, fmt.Sprintf("data-%d", wiped))))
	p.serve(wiped)
	p.serves(wiped)
	write()

	dead := p.master()
	p.kill(dead)
	write()
	at := func(k int) string {
		host, port, _ := strings.Cut(p.endpoints[0], ":")
		var n int
		_, err := fmt.Sscan(port, &n)
		require.NoError(t, err)
		return fmt.Sprintf("%s:%d", host, n-1+k)
	}
	clients, peers, http := at(6), at(16), at(10)
	p.newcomer(dead, clients, peers, http)
	p.serve(6)
	began := time.Now()
	cmd := exec.Command(build(t, "cellctl"), "--endpoints", strings.Join(p.endpoints, ","), "member", "replace",
		fmt.Sprint(dead), "6", "client="+clients, "peer="+peers, "http="+http, "--wait", "60s")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("replaced in %v:\n%s", time.Since(began), out)
	p.endpoints = append(p.endpoints, clients)
	p.serves(6)

	p.serve(dead) // it rises again
	p.mu.Lock()
	old := p.running[dead]
	delete(p.running, dead)
	p.mu.Unlock()
	require.Error(t, old.Wait())
	require.Equal(t, 1, old.ProcessState.ExitCode())
	said, err := os.ReadFile(p.log(dead))
	require.NoError(t, err)
	require.Contains(t, string(said), "was removed from the cell")

	lost := 0
	for i := 1; i <= 5 && lost < 2; i++ {
		if i != dead {
			p.kill(i)
			lost++
		}
	}
	write()
	s2, err := p.client().NewSession(ctx)
	require.NoError(t, err)
	require.NoError(t, s2.Close(ctx))
}
