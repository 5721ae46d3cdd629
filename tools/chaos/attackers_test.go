package chaos

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Attackers are a process of their own: what they cost the machine is theirs, and the scheduler and the
// collector of the honest client know nothing of them.
const (
	attackIn  = "LEASEHOLD_TEST_ATTACK"
	victimIn  = "LEASEHOLD_TEST_VICTIM"
	harderIn  = "LEASEHOLD_TEST_HARDER"
	neighbour = "neighbour" // in the place of an attack's name: share follows
)

// How many times the load that each attack is tried with by default. With much of it the machine is what is
// measured.
var harder = flag.Int("harder", 1, "times the tries a second of each attack")

// attackers is that process.
type attackers struct {
	t     *testing.T
	child *exec.Cmd
	to    io.WriteCloser // a line asks how often it has tried; its end is the attack's
	said  io.Reader
	began time.Time
}

// attacking starts one. It is under way when this returns.
func attacking(t *testing.T, what string, at tried) *attackers {
	t.Helper()
	a := &attackers{t: t, child: exec.Command(os.Args[0]), began: time.Now()}
	a.child.Env = append(os.Environ(), attackIn+"="+what, victimIn+"="+at.String(),
		harderIn+"="+strconv.Itoa(*harder), "GOMAXPROCS=1")
	a.child.Stderr = os.Stderr
	to, err := a.child.StdinPipe()
	require.NoError(t, err)
	said, err := a.child.StdoutPipe()
	require.NoError(t, err)
	a.to, a.said = to, said
	require.NoError(t, a.child.Start())
	t.Cleanup(func() { _ = a.child.Process.Kill() })
	_, err = fmt.Fscanln(said, new(int))
	require.NoError(t, err)
	return a
}

// tries asks how often it has tried.
func (a *attackers) tries() (n int) {
	a.t.Helper()
	_, err := fmt.Fprintln(a.to)
	require.NoError(a.t, err)
	_, err = fmt.Fscanln(a.said, &n)
	require.NoError(a.t, err)
	return n
}

// stop ends it: the share of a core that it took.
func (a *attackers) stop() float64 {
	a.t.Helper()
	require.NoError(a.t, a.to.Close())
	require.NoError(a.t, a.child.Wait())
	used := a.child.ProcessState.UserTime() + a.child.ProcessState.SystemTime()
	return float64(used) / float64(time.Since(a.began))
}

// attacker is what TestMain does in such a process, until its standard input ends.
func attacker(what string, at tried) {
	if _, err := fmt.Sscan(os.Getenv(harderIn), harder); err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	var tries atomic.Int64
	if share, ok := strings.CutPrefix(what, neighbour); ok {
		var part float64
		if _, err := fmt.Sscan(share, &part); err != nil {
			panic(err)
		}
		wait.Go(func() { harmless(ctx, part) })
	} else {
		all := attacks()
		a := all[slices.IndexFunc(all, func(a attack) bool { return a.name == what })]
		turns := make(chan struct{})
		wait.Go(func() { a.pace(ctx, turns) })
		for range max(a.many, atOnce) {
			wait.Go(func() {
				for range turns {
					tries.Add(1)
					a.try(ctx, at)
				}
			})
		}
	}
	fmt.Println(tries.Load())
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		fmt.Println(tries.Load())
	}
	stop()
	wait.Wait()
}

// pace gives so many turns a second: who is late gets none back.
func (a attack) pace(ctx context.Context, turns chan<- struct{}) {
	defer close(turns)
	next := time.NewTicker(time.Second / time.Duration(a.rate**harder))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-next.C:
		}
		select {
		case <-ctx.Done():
			return
		case turns <- struct{}{}:
		default: // all are busy
		}
	}
}

// harmless does sums for a part of the time and says nothing to anybody.
func harmless(ctx context.Context, part float64) {
	const slice = 2 * time.Millisecond
	next := time.NewTicker(slice)
	defer next.Stop()
	for ctx.Err() == nil {
		for began := time.Now(); time.Since(began) < time.Duration(part*float64(slice)); {
		}
		<-next.C
	}
}
