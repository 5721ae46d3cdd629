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
	dieWatch = 5 * time.Second // for which the quiet before is looked at
	dieMost  = 2 * time.Minute // until which all must be gone
)

func die() Case { return Case{"die", "many sessions die at once", dieAtOnce} }

// dieAtOnce kills a process with many sessions, each on a connection of its own: what does another
// client notice of it, until the last of them has expired?
func dieAtOnce(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	host, ok := s.(system.Crowded)
	if !ok {
		return nil, ErrCannot
	}
	before, err := host.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	crowd, err := host.Crowd(ctx, size.Idle)
	if err != nil {
		return nil, err
	}
	defer crowd.Kill()
	var phase atomic.Pointer[string]
	tell := func(name string) { phase.Store(&name) }
	tell("")
	p, err := startProbe(ctx, s, size, func() string { return *phase.Load() })
	if err != nil {
		return nil, err
	}
	gone, err := func() (time.Duration, error) {
		if err := rest(ctx, size.Settle); err != nil {
			return 0, err
		}
		tell("idle")
		if err := rest(ctx, dieWatch); err != nil {
			return 0, err
		}
		tell("dying")
		crowd.Kill()
		return untilGone(ctx, host, before+1) // the probe stays
	}()
	if ended := p.end(); err == nil {
		err = ended
	}
	if err != nil {
		return nil, err
	}
	idle, dying := p.p99("idle"), p.p99("dying")
	return []measure.Value{
		{Name: "sessions", Unit: measure.Count, X: float64(size.Idle)},
		{Name: "p99 of others before", Unit: measure.Millis, X: idle},
		{Name: "p99 of others meanwhile", Unit: measure.Millis, X: dying},
		{Name: "times as long", Unit: measure.Ratio, X: dying / idle},
		{Name: "until all are gone", Unit: measure.Seconds, X: gone.Seconds()},
	}, nil
}

func untilGone(ctx context.Context, host system.Crowded, left int) (time.Duration, error) {
	for began := time.Now(); ; {
		n, err := host.Sessions(ctx)
		took := time.Since(began)
		switch {
		case err == nil && n <= left:
			return took, nil
		case took > dieMost:
			return 0, fmt.Errorf("%d sessions are still there after %v: %w", n-left, dieMost, err)
		}
		if err := rest(ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
	}
}
