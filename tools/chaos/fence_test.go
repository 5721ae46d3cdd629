package chaos

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client"
	"github.com/leasehold/leasehold/client/fence"
	"github.com/leasehold/leasehold/replica/host"
	"github.com/leasehold/leasehold/tools/celltest"
)

const (
	guarded     = "/ls/local/guarded"
	endpointsIn = "LEASEHOLD_TEST_HOLDER_ENDPOINTS"
	resourceIn  = "LEASEHOLD_TEST_HOLDER_RESOURCE"
)

// TestMain is the holder, the cacher, an attacker, or a participant of the recipes' test, where the environment
// says so: a process of its own, to be stopped or killed.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleIn); role != "" {
		participate(role)
		return
	}
	if attack := os.Getenv(attackIn); attack != "" {
		attacker(attack, victim(os.Getenv(victimIn)))
		return
	}
	if endpoints := os.Getenv(cacherIn); endpoints != "" {
		if err := cacher(strings.Split(endpoints, ",")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	if endpoints := os.Getenv(dyingIn); endpoints != "" {
		many, err := strconv.Atoi(os.Getenv(dyingMany))
		if err == nil {
			err = dies(strings.Split(endpoints, ","), many)
		}
		fmt.Println(err)
		return
	}
	if endpoints := os.Getenv(endpointsIn); endpoints != "" {
		if err := holder(strings.Split(endpoints, ","), os.Getenv(resourceIn)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// holder takes the lock and writes once for each line it reads. It looks at its hold's Context
// before the first only: between such a look and the write behind it a process may be stopped.
func holder(endpoints []string, resource string) error {
	c, err := client.New(client.Config{Endpoints: endpoints})
	if err != nil {
		return err
	}
	s, err := c.NewSession(context.Background())
	if err != nil {
		return err
	}
	k, err := s.Lock(context.Background(), guarded, client.LockDelay(0))
	if err != nil {
		return err
	}
	if k.Context().Err() != nil {
		return context.Cause(k.Context())
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		answer, err := put(resource, k.Sequencer(), in.Text())
		if err != nil {
			return err
		}
		fmt.Println(answer)
	}
	return nil
}

func put(resource string, proof cell.Sequencer, what string) (string, error) {
	r, err := http.NewRequest(http.MethodPut, resource, strings.NewReader(what))
	if err != nil {
		return "", err
	}
	r.Header.Set("Sequencer", proof.String())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	return strings.TrimSpace(string(text)), err
}

// disk is a resource behind a fence.
type disk struct {
	mu      sync.Mutex
	guard   *fence.Guard
	written []string
}

func (d *disk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	q, err := cell.ParseSequencer(r.Header.Get("Sequencer"))
	if err == nil && q.Name != guarded {
		err = cell.ErrUsage
	}
	if err == nil {
		err = d.guard.Admit("disk", q)
	}
	if err != nil {
		http.Error(w, cell.CodeOf(err).String(), http.StatusPreconditionFailed)
		return
	}
	what, _ := io.ReadAll(r.Body)
	d.written = append(d.written, string(what))
	_, _ = fmt.Fprintln(w, "written")
}

func (d *disk) all() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.written
}

// TestC2_AStoppedHolderIsRefusedByTheResource: a real process is stopped (SIGSTOP) after it has
// seen that its hold stands. The cell gives the lock to another, who writes. What the first sends
// when it goes on is refused, though it never looked again.
func TestC2_AStoppedHolderIsRefusedByTheResource(t *testing.T) {
	c := celltest.Start(t, 3, func(h *host.Config) {
		h.Lengths.SessionLease, h.Lengths.CacheLease = 2*time.Second, time.Second
	})
	d := &disk{guard: fence.New(10)}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)

	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), endpointsIn+"="+strings.Join(c.Endpoints, ","), resourceIn+"="+server.URL)
	lines, err := child.StdinPipe()
	require.NoError(t, err)
	said, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	answers := bufio.NewScanner(said)
	write := func(what string) string {
		_, err := fmt.Fprintln(lines, what)
		require.NoError(t, err)
		require.True(t, answers.Scan(), "the holder has ended: %v", answers.Err())
		return answers.Text()
	}
	require.Equal(t, "written", write("by the first"))
	require.NoError(t, child.Process.Signal(syscall.SIGSTOP))

	cl, err := client.New(client.Config{Endpoints: c.Endpoints})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cl.Close()) })
	s, err := cl.NewSession(t.Context())
	require.NoError(t, err)
	k, err := s.Lock(t.Context(), guarded)
	require.NoError(t, err)
	answer, err := put(server.URL, k.Sequencer(), "by the second")
	require.NoError(t, err)
	require.Equal(t, "written", answer)

	require.NoError(t, child.Process.Signal(syscall.SIGCONT))
	require.Equal(t, "stale_sequencer", write("by the first, too late"))
	require.Equal(t, []string{"by the first", "by the second"}, d.all())
}
