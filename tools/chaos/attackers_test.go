package chaos

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// run lets the attackers try again and again while something is measured.
func (a attack) run(ctx context.Context, at tried, measure func() time.Duration) (time.Duration, int64) {
	ctx, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	var tries atomic.Int64
	for range max(a.many, attackers) {
		wait.Go(func() {
			next := time.NewTicker(pause)
			defer next.Stop()
			for ctx.Err() == nil {
				a.try(ctx, at)
				tries.Add(1)
				<-next.C
			}
		})
	}
	took := measure()
	stop()
	wait.Wait()
	return took, tries.Load()
}
