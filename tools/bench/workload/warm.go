package workload

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

const warmClients = 32

// Warm lets a system write and lock for a while, so that what compiles or grows while it runs
// has done so before anything is counted.
func Warm(ctx context.Context, s system.System, size Size) error {
	clients, err := connect(ctx, s, warmClients, size.Where)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	var workers []measure.Op
	for i, c := range clients {
		name := fmt.Sprintf("warm/f%d", i)
		if err := c.Make(ctx, name, kibibyte); err != nil {
			return err
		}
		workers = append(workers, func(ctx context.Context) error { return warmOnce(ctx, c, name) })
	}
	_, err = measure.Loop(ctx, workers, measure.Times{Length: size.TurnWarm}, measure.Edges{})
	return err
}

func warmOnce(ctx context.Context, c system.Client, name string) error {
	if err := c.Write(ctx, name, kibibyte); err != nil {
		return err
	}
	if r, ok := c.(system.Reader); ok {
		if err := r.Read(ctx, name); err != nil {
			return err
		}
	}
	l, ok := c.(system.Locker)
	if !ok {
		return nil
	}
	unlock, err := l.Lock(ctx, name+"-lock")
	if err != nil {
		return err
	}
	return unlock(ctx)
}
