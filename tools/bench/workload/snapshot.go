package workload

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

const (
	churnSize   = 64 << 10              // bytes a write of what makes the log grow
	churnEvery  = 10 * time.Millisecond // such a write is begun that often
	churnFiles  = 16                    // and so many are on their way at most
	churnMost   = 90 * time.Second
	churnBefore = 5 * time.Second // without a snapshot, to compare with
	lookEvery   = 5 * time.Millisecond
)

// writeThroughSnapshots lets the log grow until every server has written a snapshot, and compares
// the latencies of somebody else's writes while one was being written with those while none was.
// A system that cannot say when it writes one has no such values.
func writeThroughSnapshots(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	teller, ok := s.(system.Snapshotter)
	if !ok {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, churnMost)
	defer cancel()
	var writing atomic.Bool
	p, err := startProbe(ctx, s, size, func() string {
		if writing.Load() {
			return "snapshot"
		}
		return "none"
	})
	if err != nil {
		return nil, err
	}
	churned := make(chan error, 1)
	go func() { churned <- churn(ctx, s, size) }()
	seen, longest := watchSnapshots(ctx, teller, &writing, len(s.Procs()))
	cancel()
	if err := <-churned; err != nil {
		return nil, err
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return []measure.Value{
		{Name: "snapshots seen", Unit: measure.Count, X: float64(seen)},
		{Name: "longest time with one", Unit: measure.Seconds, X: longest.Seconds()},
		{Name: "p99 without", Unit: measure.Millis, X: p.p99("none")},
		{Name: "p99 with", Unit: measure.Millis, X: p.p99("snapshot")},
	}, nil
}

// watchSnapshots looks until so many snapshots have come and gone, or ctx ends. Snapshots that
// overlap count as one.
func watchSnapshots(ctx context.Context, s system.Snapshotter, writing *atomic.Bool, most int) (seen int,
	longest time.Duration) {
	var began time.Time
	for start := time.Now(); ctx.Err() == nil; {
		is := s.Snapshotting()
		switch {
		case is && !writing.Load():
			began = time.Now()
			seen++
		case !is && writing.Load():
			longest = max(longest, time.Since(began))
		}
		writing.Store(is)
		if seen >= most && !is && time.Since(start) > churnBefore {
			return seen, longest
		}
		_ = rest(ctx, lookEvery)
	}
	return seen, longest
}

// churn writes large contents at an even rate until ctx ends.
func churn(ctx context.Context, s system.System, size Size) error {
	clients, err := connect(ctx, s, 1, size.Where)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	slots := make(chan string, churnFiles)
	for i := range churnFiles {
		name := fmt.Sprintf("churn/f%d", i)
		if err := clients[0].Make(ctx, name, nil); err != nil {
			return err
		}
		slots <- name
	}
	tick := time.NewTicker(churnEvery)
	defer tick.Stop()
	data, wrong := make([]byte, churnSize), make(chan error, 1)
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		case err := <-wrong:
			return err
		}
		select {
		case name := <-slots:
			go func() {
				if err := clients[0].Write(ctx, name, data); err != nil && ctx.Err() == nil {
					select {
					case wrong <- err:
					default:
					}
				}
				slots <- name
			}()
		default: // as fast as it goes
		}
	}
}
