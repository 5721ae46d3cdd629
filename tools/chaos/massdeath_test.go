package chaos

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/client"
)

// How many sessions die at once. What is shown in the large: -dying 20000.
var dying = flag.Int("dying", 300, "sessions that die at one instant beside others that go on")

const (
	dyingIn   = "LEASEHOLD_TEST_DYING_ENDPOINTS"
	dyingMany = "LEASEHOLD_TEST_DYING"
	survivors = 16
	// calmWrites are as many as its p99 is taken of.
	calmWrites = 2000
)

// dies opens sessions, says so, and keeps them alive until it is killed.
func dies(endpoints []string, many int) error {
	c, err := client.New(client.Config{Endpoints: endpoints, Patience: time.Minute})
	if err != nil {
		return err
	}
	sessions := make([]*client.Session, many)
	var next atomic.Int64
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	for range crowdAtOnce {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < many && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				s, err := c.NewSession(context.Background())
				if err != nil {
					failed.Store(&err)
					return
				}
				sessions[i] = s
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	fmt.Println("open")
	<-sessions[0].Context().Done()
	return nil
}

// bystanders write and read all the time, each in a session of its own, and note how long each took.
type bystanders struct {
	mu    sync.Mutex
	took  []time.Duration
	wrong error
	wait  sync.WaitGroup
}

func (b *bystanders) start(ctx context.Context, t *testing.T, c *client.Client) {
	for n := range survivors {
		s, err := c.NewSession(ctx)
		require.NoError(t, err)
		b.wait.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				began := time.Now()
				_, err := s.Write(ctx, fmt.Sprintf("/ls/local/by-%d", n), []byte(strconv.Itoa(i)), client.OrCreate())
				b.note(ctx, time.Since(began), err)
			}
		})
	}
}

func (b *bystanders) note(ctx context.Context, took time.Duration, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.took = append(b.took, took)
	if err != nil && ctx.Err() == nil && b.wrong == nil {
		b.wrong = err
	}
}

func (b *bystanders) noted() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.took)
}

// p99 is that of what was noted since the last look, and how many that were.
func (b *bystanders) p99() (time.Duration, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	took := b.took
	b.took = nil
	slices.Sort(took)
	if len(took) == 0 {
		return 0, 0
	}
	return took[len(took)*99/100], len(took)
}

// TestL8_ManySessionsDieAtOnce: a process with many sessions is killed. All of them expire, nobody else does, and
// what others do goes on; how much longer it takes meanwhile is printed, for a real clock proves nothing here.
func TestL8_ManySessionsDieAtOnce(t *testing.T) {
	realProcesses(t)
	p := start(t, "CELLD_CONNECTIONS="+strconv.Itoa(*dying+1000))
	p.whole()
	child := exec.Command(os.Args[0])
	// They need no other replica: thousands that ask around would only take ports.
	child.Env = append(os.Environ(), dyingIn+"="+p.endpoints[p.master()-1], dyingMany+"="+strconv.Itoa(*dying))
	said, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "open\n", line)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var b bystanders
	b.start(ctx, t, p.client())
	require.Eventually(t, func() bool { return b.noted() >= calmWrites }, 3*time.Minute, 20*time.Millisecond, "calm")
	calm, n := b.p99()
	expired := func() (all int) {
		for i := 1; i <= 5; i++ {
			all += int(p.metric(i, "cell_sessions_expired_total"))
		}
		return all
	}
	require.Zero(t, expired())
	require.NoError(t, child.Process.Kill())
	require.Eventually(t, func() bool { return expired() > 0 }, 3*time.Minute, 50*time.Millisecond, "nobody expires")
	b.p99() // what was before
	require.Eventually(t, func() bool { return expired() >= *dying }, 3*time.Minute, 20*time.Millisecond, "all expire")
	meanwhile, m := b.p99()
	stop()
	b.wait.Wait()
	require.NoError(t, b.wrong)
	require.Equal(t, *dying, expired(), "nobody else has expired")
	t.Logf("%d sessions died: p99 of writes %v in calm (%d), %v while they expired (%d): %.1f times",
		*dying, calm, n, meanwhile, m, float64(meanwhile)/float64(max(calm, 1)))
}
