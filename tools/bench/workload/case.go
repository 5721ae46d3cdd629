package workload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/proc"
	"github.com/leasehold/leasehold/tools/bench/system"
)

// connectAtOnce is how many clients connect at the same time.
const connectAtOnce = 32

// ErrCannot says that a system has nothing to be measured at: a dash in the report.
var ErrCannot = errors.New("has no such thing")

// Size is how much a run does.
type Size struct {
	TurnWarm time.Duration // what a system does uncounted before its first case
	Times    measure.Times // of each closed loop
	Where    system.Where  // which server clients speak to
	Watchers int
	Changes  int // that watchers are told of
	Idle     int // idle sessions
	Nodes    int // to load
	Settle   time.Duration
	// GapNotice is how long writing goes on at least after a fault: longer than any system takes
	// to notice it. GapTail is how long writes must have gone well at the end.
	GapNotice, GapTail time.Duration
	LoadMost           time.Duration // loading ends then, finished or not
}

// Usual is the size for figures that are meant.
func Usual(seconds float64) Size {
	length := time.Duration(seconds * float64(time.Second))
	return Size{
		TurnWarm: 10 * time.Second,
		Times:    measure.Times{Warm: time.Second, Length: length},
		Watchers: 1000, Changes: 20,
		Idle: 10_000, Nodes: 1_000_000, Settle: 10 * time.Second,
		GapNotice: 12 * time.Second, GapTail: 2 * time.Second,
		LoadMost: 15 * time.Minute,
	}
}

// Quick is the size for trying the benchmark itself.
func Quick(seconds float64) Size {
	s := Usual(seconds)
	s.TurnWarm = 500 * time.Millisecond
	s.Times.Warm = 200 * time.Millisecond
	s.Watchers, s.Changes, s.Idle, s.Nodes = 100, 5, 500, 20_000
	s.Settle, s.GapTail = 2*time.Second, time.Second
	return s
}

// Case is one thing to measure.
type Case struct {
	Workload string
	Name     string // such as "write 64×1"; the report's row
	Run      func(ctx context.Context, s system.System, size Size) ([]measure.Value, error)
}

// All are the cases in the order in which they run on one start of the servers.
func All() []Case {
	var all []Case
	for _, list := range [][]Case{writes(), reads(), replicaReads(), locks(), {watch()}, gaps()} {
		all = append(all, list...)
	}
	return all
}

// Heavy are the cases that run once, each on servers started anew.
func Heavy() []Case { return []Case{sessions(), die(), load()} }

// Select gives the cases of the named workloads; none named are all. An unknown name is an error.
func Select(all []Case, only []string) ([]Case, error) {
	known := map[string]bool{}
	for _, c := range append(All(), Heavy()...) {
		known[c.Workload] = true
	}
	wanted := map[string]bool{}
	for _, name := range only {
		if !known[name] {
			return nil, fmt.Errorf("no workload is called %q", name)
		}
		wanted[name] = true
	}
	var chosen []Case
	for _, c := range all {
		if len(only) == 0 || wanted[c.Workload] {
			chosen = append(chosen, c)
		}
	}
	return chosen, nil
}

// connect makes n clients, some at a time, for at most a minute and a bit for each hundred.
func connect(ctx context.Context, s system.System, n int, where system.Where) ([]system.Client, error) {
	return connectMany(ctx, s, n, connectAtOnce, where)
}

func connectMany(ctx context.Context, s system.System, n, atOnce int, where system.Where) ([]system.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Duration(n)*20*time.Millisecond)
	defer cancel()
	clients := make([]system.Client, n)
	err := each(n, atOnce, func(i int) (err error) {
		clients[i], err = s.Connect(ctx, i, where)
		return err
	})
	if err != nil {
		closeAll(clients)
		return nil, fmt.Errorf("connect %d clients: %w", n, err)
	}
	return clients, nil
}

func closeAll(clients []system.Client) {
	_ = each(len(clients), connectAtOnce, func(i int) error {
		if clients[i] != nil {
			clients[i].Close()
		}
		return nil
	})
}

// each calls do for 0 … n−1, at most some at a time, and gives the first error.
func each(n, atOnce int, do func(i int) error) error {
	var mu sync.Mutex
	var first error
	next := 0
	var wait sync.WaitGroup
	for range min(n, atOnce) {
		wait.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				stop := i >= n || first != nil
				mu.Unlock()
				if stop {
					return
				}
				if err := do(i); err != nil {
					mu.Lock()
					first = errors.Join(first, err)
					mu.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return firstOf(first)
}

func firstOf(err error) error {
	if err == nil {
		return nil
	}
	line, _, more := strings.Cut(err.Error(), "\n")
	if more {
		return errors.New(line + " …")
	}
	return err
}

// meter reads what the servers, and this process, use at the edges of a measurement.
type meter struct {
	procs      []*proc.Proc
	begin, end proc.Usage
	driver     time.Duration
}

func (m *meter) edges() measure.Edges {
	return measure.Edges{
		Begin: func() { m.begin, _ = proc.UsageOf(m.procs); m.driver = -proc.OwnCPU() },
		End:   func() { m.end, _ = proc.UsageOf(m.procs); m.driver += proc.OwnCPU() },
	}
}

// values are the CPU times an operation.
func (m *meter) values(ops int64) []measure.Value {
	an := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(max(ops, 1)) }
	return []measure.Value{{Name: "server CPU/op", Unit: measure.Micros, X: an(m.end.CPU - m.begin.CPU)},
		{Name: "client CPU/op", Unit: measure.Micros, X: an(m.driver)}}
}

// loop runs a closed loop and gives rate, latencies and the servers' CPU an operation.
func loop(ctx context.Context, s system.System, size Size, workers []measure.Op) ([]measure.Value, error) {
	m := meter{procs: s.Procs()}
	sample, err := measure.Loop(ctx, workers, size.Times, m.edges())
	if err != nil {
		return nil, err
	}
	values := append([]measure.Value{{Name: "rate", Unit: measure.PerSecond, X: sample.Rate()}}, sample.Latencies()...)
	values = append(values, m.values(sample.Ops)...)
	if sample.Errors > 0 {
		values = append(values, measure.Value{Name: "errors", Unit: measure.Count, X: float64(sample.Errors)})
	}
	return values, nil
}
