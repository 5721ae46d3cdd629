package chaos

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"syscall"
	"time"

	"github.com/leasehold/leasehold/client"
)

// faults harms a running cell at random, two replicas at once most of the time, and heals it.
type faults struct {
	cell   *processes
	asks   *client.Client
	rng    *rand.Rand
	harmed map[int]func() // how replica i is healed
	until  map[int]time.Time
	counts map[string]int
}

func newFaults(p *processes, seed int64) *faults {
	return &faults{
		cell: p, asks: p.client(), rng: rand.New(rand.NewSource(seed)),
		harmed: map[int]func(){}, until: map[int]time.Time{}, counts: map[string]int{},
	}
}

// run harms until ctx ends, then heals everybody.
func (f *faults) run(ctx context.Context) {
	for ctx.Err() == nil {
		f.healed(time.Now())
		most := 2
		if f.rng.Intn(10) == 0 {
			most = 3 // no quorum for a while
		}
		if len(f.harmed) < most {
			f.harm(f.pick(ctx))
		}
		pause := time.NewTimer(time.Duration(100+f.rng.Intn(900)) * time.Millisecond)
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
	f.healed(time.Now().Add(time.Hour))
}

func (f *faults) healed(now time.Time) {
	for i := 1; i <= 5; i++ {
		if heal := f.harmed[i]; heal != nil && now.After(f.until[i]) {
			heal()
			delete(f.harmed, i)
		}
	}
}

// pick takes any replica, the master twice as often.
func (f *faults) pick(ctx context.Context) int {
	i := f.rng.Intn(6)
	if i > 0 {
		return i
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if s, err := f.asks.Status(ctx); err == nil && s.Master != 0 {
		return int(s.Master)
	}
	return 1 + f.rng.Intn(5)
}

func (f *faults) harm(i int) {
	if f.harmed[i] != nil {
		return
	}
	kinds := []string{"kill", "stop"}
	if f.cell.apart != nil {
		kinds = append(kinds, "cut off", "deaf", "unheard", "two apart", "clients away")
	}
	kind := kinds[f.rng.Intn(len(kinds))]
	f.counts[kind]++
	f.until[i] = time.Now().Add(time.Duration(100+f.rng.Intn(2900)) * time.Millisecond)
	f.harmed[i] = f.begin(kind, i)
}

// begin does the harm and gives its end.
func (f *faults) begin(kind string, i int) (heal func()) {
	switch kind {
	case "kill":
		f.cell.kill(i)
		return func() { f.cell.serve(i) }
	case "stop":
		f.cell.signal(i, syscall.SIGSTOP)
		return func() { f.cell.signal(i, syscall.SIGCONT) }
	}
	n := f.cell.apart
	whom := []int{1, 2, 3, 4, 5}
	if kind == "two apart" {
		whom = []int{1 + f.rng.Intn(5)}
	}
	for _, j := range whom {
		if j != i && kind != "clients away" {
			n.drop(i, n.host(j), kind == "unheard", kind == "deaf")
		}
	}
	if kind == "cut off" || kind == "clients away" {
		n.drop(i, n.clients(), false, false)
	}
	return func() { n.heal(i) }
}

func (f *faults) String() string {
	var all []string
	for _, k := range []string{"kill", "stop", "cut off", "deaf", "unheard", "two apart", "clients away"} {
		all = append(all, fmt.Sprintf("%s %d", k, f.counts[k]))
	}
	return strings.Join(all, ", ")
}
