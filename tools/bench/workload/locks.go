package workload

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

const contenders = 64

func locks() []Case {
	return []Case{ownLocks(1), ownLocks(64), {"contend", fmt.Sprintf("contend %d", contenders), contend}}
}

// ownLocks takes and gives back; one operation is both.
func ownLocks(n int) Case {
	name := fmt.Sprintf("lock+unlock %d×1", n)
	return Case{"lock", name, func(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
		clients, lockers, err := connectLockers(ctx, s, n, size.Where)
		if err != nil {
			return nil, err
		}
		defer closeAll(clients)
		var workers []measure.Op
		for i, l := range lockers {
			workers = append(workers, func(ctx context.Context) error {
				unlock, err := l.Lock(ctx, fmt.Sprintf("locks/own%d", i))
				if err != nil {
					return err
				}
				return unlock(ctx)
			})
		}
		return loop(ctx, s, size, workers)
	}}
}

func connectLockers(ctx context.Context, s system.System, n int, where system.Where) (
	[]system.Client, []system.Locker, error) {
	clients, err := connect(ctx, s, n, where)
	if err != nil {
		return nil, nil, err
	}
	var lockers []system.Locker
	for _, c := range clients {
		l, ok := c.(system.Locker)
		if !ok {
			closeAll(clients)
			return nil, nil, ErrCannot
		}
		lockers = append(lockers, l)
	}
	return clients, lockers, clients[0].Make(ctx, "locks", nil)
}

// contend has all clients want one lock. Its latency is not that of an acquire, which is mostly
// waiting for one's turn, but of the hand-over: from the holder's call of unlock until the next
// one's Lock has returned. A system whose lock excludes nobody cannot be measured at this.
func contend(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	if s.Name() == "floor" {
		return nil, ErrCannot
	}
	clients, lockers, err := connectLockers(ctx, s, contenders, size.Where)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	turn := &handOver{hist: make(chan int64, 1024)}
	hist, done := measure.NewHist(), make(chan struct{})
	go func() {
		defer close(done)
		for took := range turn.hist {
			_ = hist.RecordValue(max(took, 1))
		}
	}()
	var workers []measure.Op
	for _, l := range lockers {
		workers = append(workers, func(ctx context.Context) error { return turn.take(ctx, l) })
	}
	m := meter{procs: s.Procs()}
	edges := m.edges()
	begin, end := edges.Begin, edges.End
	edges.Begin = func() { begin(); turn.counting.Store(true) }
	edges.End = func() { turn.counting.Store(false); end() }
	sample, err := measure.Loop(ctx, workers, size.Times, edges)
	close(turn.hist)
	<-done
	if err != nil {
		return nil, err
	}
	if n := turn.overlaps.Load(); n > 0 {
		return nil, fmt.Errorf("two held the lock at once, %d times", n)
	}
	rate := float64(hist.TotalCount()) / sample.Length.Seconds()
	values := []measure.Value{{Name: "rate", Unit: measure.PerSecond, X: rate}}
	values = append(values, measure.Sample{Hist: hist}.Latencies()...)
	return append(values, m.values(hist.TotalCount())...), nil
}

// handOver follows one lock through its holders.
type handOver struct {
	counting atomic.Bool
	holders  atomic.Int64
	overlaps atomic.Int64
	given    atomic.Int64 // when the last holder called unlock; nanoseconds since start; 0: nobody yet
	hist     chan int64
}

var start = time.Now()

func (t *handOver) take(ctx context.Context, l system.Locker) error {
	unlock, err := l.Lock(ctx, "locks/one")
	if err != nil {
		return err
	}
	now := int64(time.Since(start))
	if t.holders.Add(1) > 1 {
		t.overlaps.Add(1)
	}
	if given := t.given.Load(); given > 0 && t.counting.Load() {
		t.hist <- now - given
	}
	t.holders.Add(-1)
	t.given.Store(int64(time.Since(start)))
	return unlock(ctx)
}
