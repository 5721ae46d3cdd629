package workload

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

// watchPatience bounds one change on its way to the watchers, and their getting ready.
const watchPatience = 60 * time.Second

func watch() Case {
	return Case{"watch", "watch, last of all", watchOne}
}

func watchOne(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer, err := connect(ctx, s, 1, size.Where)
	if err != nil {
		return nil, err
	}
	defer closeAll(writer)
	if _, ok := writer[0].(system.Watcher); !ok {
		return nil, ErrCannot
	}
	clients, err := connect(ctx, s, size.Watchers, size.Where)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	defer cancel()
	c := &crowd{size: int64(size.Watchers), event: make(chan error, size.Watchers+2)}
	if err := writer[0].Make(ctx, "watched", stamp(0)); err != nil {
		return nil, err
	}
	for _, x := range clients {
		go c.watch(ctx, x.(system.Watcher))
	}
	if err := c.await(ctx); err != nil {
		return nil, fmt.Errorf("getting ready: %w", err)
	}
	return c.changes(ctx, writer[0], size)
}

// crowd are watchers of one file, whose contents are the number of its change.
type crowd struct {
	size   int64
	ready  atomic.Int64
	change atomic.Uint64 // the one that is on its way
	have   atomic.Int64  // how many have it
	event  chan error    // nil: all are ready, or all have it
}

func stamp(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func (c *crowd) watch(ctx context.Context, w system.Watcher) {
	err := w.Watch(ctx, "watched", func() {
		if c.ready.Add(1) == c.size {
			c.event <- nil
		}
	}, func(data []byte) {
		if len(data) == 8 && binary.BigEndian.Uint64(data) == c.change.Load() && c.have.Add(1) == c.size {
			c.event <- nil
		}
	})
	if ctx.Err() == nil {
		c.event <- fmt.Errorf("a watcher ended: %w", err)
	}
}

func (c *crowd) await(ctx context.Context) error {
	select {
	case err := <-c.event:
		return err
	case <-time.After(watchPatience):
		return fmt.Errorf("%d of %d ready, %d have change %d", c.ready.Load(), c.size, c.have.Load(), c.change.Load())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// changes makes one change after the other; each is timed from the call of the write.
func (c *crowd) changes(ctx context.Context, writer system.Client, size Size) ([]measure.Value, error) {
	hist := measure.NewHist()
	for n := range uint64(size.Changes) {
		c.have.Store(0)
		c.change.Store(n + 1)
		begin := time.Now()
		if err := writer.Write(ctx, "watched", stamp(n+1)); err != nil {
			return nil, err
		}
		if err := c.await(ctx); err != nil {
			return nil, err
		}
		_ = hist.RecordValue(int64(time.Since(begin)))
	}
	return measure.Sample{Hist: hist}.Latencies(), nil
}
