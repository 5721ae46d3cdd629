package workload

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

const (
	probeEvery    = 5 * time.Millisecond // a write is begun that often, answered or not
	probeInFlight = 256                  // at most
	probePatience = 30 * time.Second     // for one write
)

// probe is somebody else: a client with a modest load of its own, whose latencies tell what the
// servers' other work costs it. What it sees is booked under the phase of the write's begin.
type probe struct {
	client system.Client
	mu     sync.Mutex
	phases map[string]*hdrhistogram.Histogram
	failed error
	stop   context.CancelFunc
	wait   sync.WaitGroup
}

// startProbe makes the probe's files and begins to write. phase names what goes on; "" is not booked.
func startProbe(ctx context.Context, s system.System, size Size, phase func() string) (*probe, error) {
	clients, err := connect(ctx, s, 1, size.Where)
	if err != nil {
		return nil, err
	}
	p := &probe{client: clients[0], phases: map[string]*hdrhistogram.Histogram{}}
	for i := range probeInFlight {
		if err := p.client.Make(ctx, probeFile(i), kibibyte); err != nil {
			p.client.Close()
			return nil, err
		}
	}
	ctx, p.stop = context.WithCancel(ctx)
	p.wait.Go(func() { p.run(ctx, phase) })
	return p, nil
}

func probeFile(i int) string { return fmt.Sprintf("probe/f%d", i) }

func (p *probe) run(ctx context.Context, phase func() string) {
	slots := make(chan int, probeInFlight)
	for i := range probeInFlight {
		slots <- i
	}
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		select {
		case i := <-slots:
			p.wait.Go(func() { p.write(ctx, i, phase()); slots <- i })
		default: // all are waiting
		}
	}
}

func (p *probe) write(ctx context.Context, i int, phase string) {
	once, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	began := time.Now()
	err := p.client.Write(once, probeFile(i), kibibyte)
	took := time.Since(began)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case ctx.Err() != nil || phase == "":
	case err != nil && p.failed == nil:
		p.failed = err
	case err == nil:
		if p.phases[phase] == nil {
			p.phases[phase] = measure.NewHist()
		}
		_ = p.phases[phase].RecordValue(int64(took))
	}
}

// end stops the probe; the error is that of the first write that failed.
func (p *probe) end() error {
	p.stop()
	p.wait.Wait()
	p.client.Close()
	return p.failed
}

// p99 is that of a phase in milliseconds; 0 when nothing was booked under it.
func (p *probe) p99(phase string) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phases[phase] == nil {
		return 0
	}
	return float64(p.phases[phase].ValueAtQuantile(99)) / float64(time.Millisecond)
}
