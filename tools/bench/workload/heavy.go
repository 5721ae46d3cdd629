package workload

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/proc"
	"github.com/leasehold/leasehold/tools/bench/system"
)

// openAtOnce is how many sessions are being opened at the same time.
const openAtOnce = 128

func sessions() Case {
	return Case{"sessions", "idle sessions", idle}
}

// idle connects many clients, each with a session or lease, lets them stand, and looks at what
// that adds to the servers.
func idle(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	if s.Name() == "floor" {
		return nil, ErrCannot
	}
	before, err := settled(ctx, s, size)
	if err != nil {
		return nil, err
	}
	begin, spent := time.Now(), meter{procs: s.Procs()}
	spent.edges().Begin()
	clients, err := connectMany(ctx, s, size.Idle, openAtOnce, size.Where)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	err = each(len(clients), openAtOnce, func(i int) error {
		if l, ok := clients[i].(system.Leaser); ok {
			return l.Lease(ctx)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	opened := time.Since(begin)
	spent.edges().End()
	after, err := settled(ctx, s, size)
	if err != nil {
		return nil, err
	}
	n := float64(len(clients))
	opening := spent.values(int64(len(clients)))
	return []measure.Value{
		{Name: "sessions", Unit: measure.Count, X: n},
		{Name: "opened at", Unit: measure.PerSecond, X: n / opened.Seconds()},
		{Name: "server CPU to open one", Unit: measure.Micros, X: opening[0].X},
		{Name: "client CPU to open one", Unit: measure.Micros, X: opening[1].X},
		{Name: "memory a session, five servers", Unit: measure.Bytes, X: float64(after.Bytes-before.Bytes) / n},
		{Name: "CPU idle before", Unit: measure.Percent, X: before.cpu},
		{Name: "CPU with sessions", Unit: measure.Percent, X: after.cpu},
	}, nil
}

// state is what all servers use when nothing is asked of them.
type state struct {
	proc.Usage
	cpu float64 // percent of one core
}

// settled waits a while, then looks for a while.
func settled(ctx context.Context, s system.System, size Size) (state, error) {
	if err := rest(ctx, size.Settle); err != nil {
		return state{}, err
	}
	first, err := proc.UsageOf(s.Procs())
	if err != nil {
		return state{}, err
	}
	begin := time.Now()
	if err := rest(ctx, size.Settle); err != nil {
		return state{}, err
	}
	last, err := proc.UsageOf(s.Procs())
	return state{last, 100 * (last.CPU - first.CPU).Seconds() / time.Since(begin).Seconds()}, err
}

func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func load() Case { return Case{"load", "load", loadNodes} }

const (
	loadClients  = 64
	loadInFlight = 16
	loadFolder   = 1000 // nodes a folder
	loadSize     = 100  // bytes a node
)

// loadNodes makes many small nodes, looks at the servers' memory, and starts all servers anew.
func loadNodes(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	if s.Name() == "floor" {
		return nil, ErrCannot
	}
	before, err := settled(ctx, s, size)
	if err != nil {
		return nil, err
	}
	made, took, err := makeNodes(ctx, s, size)
	if err != nil {
		return nil, err
	}
	after, err := settled(ctx, s, size)
	if err != nil {
		return nil, err
	}
	snapshot, err := writeThroughSnapshots(ctx, s, size)
	if err != nil {
		return nil, err
	}
	again, err := restart(ctx, s)
	if err != nil {
		return nil, err
	}
	fresh, err := settled(ctx, s, size)
	if err != nil {
		return nil, err
	}
	each := func(later, earlier int64) float64 {
		return float64(later-earlier) / float64(made) / float64(len(s.Procs()))
	}
	values := []measure.Value{
		{Name: "nodes", Unit: measure.Count, X: float64(made)},
		{Name: "made at", Unit: measure.PerSecond, X: float64(made) / took.Seconds()},
		{Name: "memory a node and server", Unit: measure.Bytes, X: each(after.Bytes, before.Bytes)},
		{Name: "with mapped files", Unit: measure.Bytes, X: each(after.Resident, before.Resident)},
		{Name: "memory after a restart", Unit: measure.Bytes, X: each(fresh.Bytes, before.Bytes)},
		{Name: "start of all until a write", Unit: measure.Seconds, X: again.Seconds()},
	}
	return append(values, snapshot...), nil
}

func makeNodes(ctx context.Context, s system.System, size Size) (int, time.Duration, error) {
	clients, err := connect(ctx, s, loadClients, size.Where)
	if err != nil {
		return 0, 0, err
	}
	defer closeAll(clients)
	folders := (size.Nodes + loadFolder - 1) / loadFolder
	err = each(folders, loadClients, func(i int) error {
		return clients[i%loadClients].Make(ctx, fmt.Sprintf("load/d%d", i), nil)
	})
	if err != nil {
		return 0, 0, err
	}
	var made atomic.Int64
	data, begin := make([]byte, loadSize), time.Now()
	errEnough := errors.New("enough")
	err = each(size.Nodes, loadClients*loadInFlight, func(i int) error {
		if time.Since(begin) > size.LoadMost {
			return errEnough
		}
		made.Add(1)
		return clients[i%loadClients].Make(ctx, fmt.Sprintf("load/d%d/n%d", i/loadFolder, i), data)
	})
	if time.Since(begin) > size.LoadMost {
		err = nil
	}
	return int(made.Load()), time.Since(begin), err
}

// restart ends all servers, starts them, and gives the time from that start until a new client
// has had a write answered.
func restart(ctx context.Context, s system.System) (time.Duration, error) {
	system.StopAll(s)
	begin := time.Now()
	if err := system.StartAgain(s); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		err := writeOnce(ctx, s)
		if err == nil {
			return time.Since(begin), nil
		}
		if rest(ctx, 20*time.Millisecond) != nil {
			return 0, fmt.Errorf("not back after a restart: %w", err)
		}
	}
}

func writeOnce(ctx context.Context, s system.System) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := s.Connect(ctx, 0, system.Anywhere)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Make(ctx, "again", kibibyte)
}
