package workload

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/proc"
	"github.com/leasehold/leasehold/tools/bench/system"
)

const (
	gapInFlight = 256              // writes, at most
	gapPatience = 2 * time.Second  // for one write
	gapLead     = 2 * time.Second  // writing before the fault
	gapMost     = 60 * time.Second // that the writing goes on
	gapSilence  = 250 * time.Millisecond
)

// cutOff needs servers with networks of their own (-houses).
const cutOff = "cut off"

// fault is something that happens to a master.
type fault struct {
	name string
	do   func(p *proc.Proc) error
	undo func(p *proc.Proc) error
	// every is how often a write is begun: no gap is measured finer, and none that outlasts all writes that may
	// be on their way is measured right.
	every time.Duration
}

var faults = []fault{
	{"killed", func(p *proc.Proc) error { p.Kill(); return nil }, (*proc.Proc).Start, 10 * time.Millisecond},
	{"stopped", (*proc.Proc).Pause, (*proc.Proc).Resume, 10 * time.Millisecond},
	{cutOff, (*proc.Proc).CutOff, (*proc.Proc).Mend, 10 * time.Millisecond},
	{"told to end", (*proc.Proc).Terminate, func(p *proc.Proc) error { p.Stop(); return p.Start() },
		2 * time.Millisecond},
}

func gaps() []Case {
	var cases []Case
	for _, f := range faults {
		cases = append(cases, Case{"gap", "gap, master " + f.name,
			func(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
				return gap(ctx, s, size, f)
			}})
	}
	return cases
}

// gap writes from one client that stays, a write begun every few milliseconds whether the others are
// answered or not, while the master meets with a fault. A write that fails is not done again:
// the next one is due anyway. The gap is the longest time between the answers of two writes that
// succeeded.
func gap(ctx context.Context, s system.System, size Size, f fault) ([]measure.Value, error) {
	if s.Name() == "floor" {
		return nil, ErrCannot // it has one master for ever
	}
	clients, err := connect(ctx, s, 1, system.AtFollower)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	for i := range gapInFlight {
		if err := clients[0].Make(ctx, fmt.Sprintf("gap/f%d", i), kibibyte); err != nil {
			return nil, err
		}
	}
	master, err := s.Master(ctx)
	if err != nil {
		return nil, err
	}
	if f.name == cutOff && master.House == nil {
		return nil, ErrCannot
	}
	w := &stayer{client: clients[0]}
	longest, err := w.through(ctx, size, f.every, func() error { return f.do(master) })
	if undone := f.undo(master); err == nil {
		err = undone
	}
	if ready := s.Ready(ctx); err == nil {
		err = ready
	}
	if err != nil {
		return nil, err
	}
	return []measure.Value{{Name: "gap", Unit: measure.Millis, X: float64(longest.Microseconds()) / 1000},
		{Name: "writes that failed", Unit: measure.Count, X: float64(w.failed)}}, nil
}

// stayer is the client that stays.
type stayer struct {
	client system.Client

	mu      sync.Mutex
	last    time.Time     // the last success
	longest time.Duration // since the fault
	resumed time.Time     // the first success after a silence
	fault   time.Time
	failed  int
}

// through writes, lets the fault happen, and goes on until writes have succeeded for a while.
func (w *stayer) through(ctx context.Context, size Size, every time.Duration, fault func() error) (
	time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, gapMost)
	defer cancel()
	var wait sync.WaitGroup
	slots := make(chan struct{}, gapInFlight)
	tick := time.NewTicker(every)
	defer tick.Stop()
	begin := time.Now()
	hit := make(chan error, 1)
	for n, done := 0, false; !w.over(size); n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("no write succeeded for %v: %w", gapMost, ctx.Err())
		}
		if !done && time.Since(begin) > gapLead {
			done = true
			w.mark()
			wait.Go(func() { hit <- fault() })
		}
		select {
		case slots <- struct{}{}:
			wait.Go(func() { w.write(ctx, n); <-slots })
		default: // all are waiting
		}
	}
	cancel()
	wait.Wait()
	return w.longest, <-hit
}

func (w *stayer) mark() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.longest = time.Now(), 0
}

// over tells whether writes have succeeded again for a while, long enough after the fault that
// every system has noticed it: the answers right after it may still be the old master's.
func (w *stayer) over(size Size) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.fault.IsZero() && time.Since(w.fault) > size.GapNotice &&
		time.Since(w.last) < gapSilence && time.Since(w.resumed) > size.GapTail
}

func (w *stayer) write(ctx context.Context, n int) {
	ctx, cancel := context.WithTimeout(ctx, gapPatience)
	defer cancel()
	err := w.client.Write(ctx, fmt.Sprintf("gap/f%d", n%gapInFlight), kibibyte)
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.failed++
		return
	}
	since := now.Sub(w.last)
	if w.last.IsZero() || since > gapSilence {
		w.resumed = now
	}
	if !w.last.IsZero() {
		w.longest = max(w.longest, since)
	}
	w.last = now
}
