package chaos

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/leasehold/leasehold/client"
)

// Figures to quote take more: -attacked 600 -rounds 3.
var (
	attackedOps  = flag.Int("attacked", 300, "operations of the honest client that each p99 beside an attack is taken of")
	attackRounds = flag.Int("rounds", 1, "p99 of which the median is taken, for each attack")
)

// What one attack may add to the master's process, and what it may write to its log: some lines a second
// for each port, and a burst.
const (
	mayGrow       = 96 << 20 // but where the attack says what may be held, twice: the collector's part is as large
	linesPerPort  = 10
	burstsOfLines = 100
)

// memory is what replica i has in RAM, in bytes.
func (p *processes) memory(i int) int {
	p.t.Helper()
	text, err := os.ReadFile(p.proc(i, "status"))
	require.NoError(p.t, err)
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	require.NotNil(p.t, m)
	kib, err := strconv.Atoi(string(m[1]))
	require.NoError(p.t, err)
	return kib << 10
}

// cpu is what replica i has used of it.
func (p *processes) cpu(i int) time.Duration {
	p.t.Helper()
	var used unix.Timespec
	clock := ^p.running[i].Process.Pid<<3 | unix.CLOCK_PROCESS_CPUTIME_ID // as the kernel names that of another process
	require.NoError(p.t, unix.ClockGettime(int32(clock), &used))
	return time.Duration(used.Nano())
}

func (p *processes) proc(i int, file string) string {
	return fmt.Sprintf("/proc/%d/%s", p.running[i].Process.Pid, file)
}

// lines is how many replica i has logged.
func (p *processes) lines(i int) int {
	p.t.Helper()
	text, err := os.ReadFile(p.log(i))
	require.NoError(p.t, err)
	return bytes.Count(text, []byte("\n"))
}

// beside is one of the ports of an endpoint's replica, by its distance.
func beside(t *testing.T, endpoint string, distance int) string {
	t.Helper()
	host, port, err := net.SplitHostPort(endpoint)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return net.JoinHostPort(host, strconv.Itoa(n+distance))
}

// honest writes and reads what it wrote, all the time but while it rests.
type honest struct {
	bystanders
	rests sync.Mutex
}

func (h *honest) begin(ctx context.Context, s *client.Session) {
	h.wait.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			h.rests.Lock()
			began, want := time.Now(), strconv.Itoa(i)
			_, err := s.Write(ctx, "/ls/local/honest", []byte(want), client.OrCreate())
			h.note(ctx, time.Since(began), err)
			began = time.Now()
			f, err := s.Read(ctx, "/ls/local/honest")
			if err == nil && string(f.Contents) != want {
				err = fmt.Errorf("read %q after %q was written", f.Contents, want)
			}
			h.note(ctx, time.Since(began), err)
			h.rests.Unlock()
		}
	})
}

// measured waits for as many operations as a p99 is taken of.
func (h *honest) measured(t *testing.T) time.Duration {
	t.Helper()
	h.p99() // what was before
	require.Eventually(t, func() bool { return h.noted() >= *attackedOps }, 5*time.Minute, 10*time.Millisecond)
	took, _ := h.p99()
	return took
}

// TestB1_Attacks: each attack on the master's process leaves its memory and its log bounded, the mastership
// where it was, and an honest client's session and every answer right. How much longer that client waits is
// printed, beside what it waits next to a neighbour that takes as much of the machine and says nothing to
// anybody; and what a try costs the master.
func TestB1_Attacks(t *testing.T) {
	realProcesses(t)
	p := start(t)
	p.whole()
	master := p.master()
	at := tried{client: p.endpoints[master-1], peer: beside(t, p.endpoints[master-1], 10), http: p.http[master-1]}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := p.client().NewSession(ctx)
	require.NoError(t, err)
	_, err = s.Create(ctx, large, make([]byte, 256<<10))
	require.NoError(t, err)
	var h honest
	h.begin(ctx, s)
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) { p.attacked(t, &h, master, a, at) })
	}
	stop()
	h.wait.Wait()
	require.NoError(t, h.wrong)
	require.Equal(t, client.Connected, s.State())
	require.Equal(t, master, p.master())
}

// attacked measures the honest client alone, beside one attack, and beside a neighbour, in turn: others
// share the machine, too.
func (p *processes) attacked(t *testing.T, h *honest, master int, a attack, at tried) {
	began, memory, lines := time.Now(), p.memory(master), p.lines(master)
	var idle, took, fair, cost []time.Duration
	var grew int
	var share float64
	for range *attackRounds {
		idle = append(idle, h.measured(t))
		bad := attacking(t, a.name, at)
		took = append(took, h.measured(t))
		cost = append(cost, p.cost(h, master, bad))
		grew = max(grew, p.memory(master)-memory)
		share = bad.stop()
		good := attacking(t, fmt.Sprint(neighbour, share), at)
		fair = append(fair, h.measured(t))
		good.stop()
	}
	said := p.lines(master) - lines
	t.Logf("memory %+3d MiB, log %3d lines; a try costs the master %v; attackers take %2.0f %% of a core; p99 %v idle, "+
		"%v attacked: %.1f times, %v beside as busy a neighbour: %.1f times", grew>>20, said, median(cost), 100*share,
		median(idle), median(took), ratio(took, idle), median(fair), ratio(took, fair))
	require.Less(t, grew, max(mayGrow, 2*a.held))
	require.Less(t, said, burstsOfLines+int(linesPerPort*time.Since(began).Seconds()))
}

func median(of []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(of))[len(of)/2].Round(10 * time.Microsecond)
}

func ratio(a, b []time.Duration) float64 { return float64(median(a)) / float64(max(1, median(b))) }

// cost is what one try costs the master, while the honest client rests.
func (p *processes) cost(h *honest, master int, bad *attackers) time.Duration {
	h.rests.Lock()
	defer h.rests.Unlock()
	const enough = 30
	used, before, tries := p.cpu(master), bad.tries(), 0
	require.Eventually(p.t, func() bool {
		tries = bad.tries() - before
		return tries >= enough
	}, time.Minute, 10*time.Millisecond)
	return (p.cpu(master) - used) / time.Duration(tries)
}
