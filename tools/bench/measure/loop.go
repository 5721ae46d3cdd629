package measure

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	longest = int64(2 * time.Minute) // what a histogram can hold
	digits  = 3
	// overtime is how long after the end of a measurement its last operations may take.
	overtime = 20 * time.Second
	// errorsMost ends a worker whose operations fail that often in a row.
	errorsMost = 50
)

// Op is one operation, done once.
type Op func(ctx context.Context) error

// Times is how long a loop runs: first Warm, of which nothing is counted, then Length.
type Times struct{ Warm, Length time.Duration }

// Sample is what a loop saw. Ops are the operations that ended well within Length; Begin and
// End are the edges of that time as they came.
type Sample struct {
	Ops    int64
	Errors int64
	Error  error // the first of them
	Length time.Duration
	Hist   *hdrhistogram.Histogram // nanoseconds an operation
}

// Rate is operations a second.
func (s Sample) Rate() float64 { return float64(s.Ops) / s.Length.Seconds() }

// NewHist makes an empty histogram of nanoseconds.
func NewHist() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, digits) }

// Edges are called when the counted time begins and ends: that is when to read what servers use.
type Edges struct{ Begin, End func() }

// Loop runs each worker's operation again and again, all at the same time.
func Loop(ctx context.Context, workers []Op, t Times, edges Edges) (Sample, error) {
	ctx, cancel := context.WithTimeout(ctx, t.Warm+t.Length+overtime)
	defer cancel()
	var counting, over atomic.Bool
	parts := make([]part, len(workers))
	var wait sync.WaitGroup
	for i, op := range workers {
		parts[i].hist = NewHist()
		wait.Go(func() { parts[i].run(ctx, op, &counting, &over) })
	}
	pause(ctx, t.Warm)
	call(edges.Begin)
	begin := time.Now()
	counting.Store(true)
	pause(ctx, t.Length)
	counting.Store(false)
	took := time.Since(begin)
	call(edges.End)
	over.Store(true)
	wait.Wait()
	return gather(parts, took)
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

var errNothing = errors.New("nothing was answered")

// part is one worker's share.
type part struct {
	hist   *hdrhistogram.Histogram
	errors int64
	first  error
}

func (p *part) run(ctx context.Context, op Op, counting, over *atomic.Bool) {
	row := 0
	for !over.Load() && ctx.Err() == nil && row < errorsMost {
		begin := time.Now()
		err := op(ctx)
		took := time.Since(begin)
		switch {
		case err != nil:
			row++
			p.errors++
			if p.first == nil {
				p.first = err
			}
		case counting.Load():
			row = 0
			_ = p.hist.RecordValue(min(max(int64(took), 1), longest))
		default:
			row = 0
		}
	}
}

func gather(parts []part, took time.Duration) (Sample, error) {
	s := Sample{Length: took, Hist: NewHist()}
	for _, p := range parts {
		s.Hist.Merge(p.hist)
		s.Errors += p.errors
		if s.Error == nil {
			s.Error = p.first
		}
	}
	s.Ops = s.Hist.TotalCount()
	if s.Ops == 0 {
		return s, fmt.Errorf("no operation ended in %v: %w", took, errors.Join(errNothing, s.Error))
	}
	return s, nil
}
