package main

import (
	"context"
	"io"
	"iter"
	"runtime"

	"github.com/leasehold/leasehold/tools/sim/world"
)

// outcome is what came of one seed.
type outcome struct {
	world.Result
	seed uint64
}

// results runs the seeds and gives what came of each, in their order; several run side by side,
// one a core, unless each is to write its trace. A run shares nothing with another.
func (o options) results(ctx context.Context, out io.Writer) iter.Seq[outcome] {
	if o.verbose {
		return o.told(ctx, out)
	}
	return func(yield func(outcome) bool) {
		under, stop := context.WithCancel(ctx)
		defer stop()
		waiting := make(chan chan outcome, runtime.GOMAXPROCS(0)-1)
		go o.begin(under, waiting)
		for next := range waiting {
			if !yield(<-next) {
				return
			}
		}
	}
}

// begin begins one run after the other, as many at a time as may wait.
func (o options) begin(ctx context.Context, waiting chan<- chan outcome) {
	defer close(waiting)
	for i := 0; (o.forever || i < o.count) && ctx.Err() == nil; i++ {
		next := make(chan outcome, 1)
		select {
		case waiting <- next:
		case <-ctx.Done():
			return
		}
		go func() { next <- o.one(i, nil) }()
	}
}

// told runs one seed after the other and lets each write its trace.
func (o options) told(ctx context.Context, out io.Writer) iter.Seq[outcome] {
	return func(yield func(outcome) bool) {
		for i := 0; (o.forever || i < o.count) && ctx.Err() == nil; i++ {
			if !yield(o.one(i, out)) {
				return
			}
		}
	}
}

func (o options) one(i int, trace io.Writer) outcome {
	seed := o.seed + uint64(i)
	return outcome{world.Run(seed, o.seconds, trace), seed}
}
