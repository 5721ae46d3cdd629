package workload

import (
	"context"
	"fmt"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/system"
)

var kibibyte = make([]byte, 1024)

// shape is a number of clients, each on its own connection, and how many operations each has in
// flight.
type shape struct{ clients, inFlight int }

func (h shape) String() string { return fmt.Sprintf("%d×%d", h.clients, h.inFlight) }

func writes() []Case {
	var cases []Case
	for _, h := range []shape{{1, 1}, {16, 1}, {64, 1}, {256, 1}, {64, 16}} {
		cases = append(cases, onFiles("write", "write "+h.String(), h, func(c system.Client) onFile { return c.Write }))
	}
	return cases
}

func reads() []Case {
	h := shape{64, 1}
	one := shape{1, 1}
	return []Case{
		onFiles("read", "read "+h.String(), h, func(c system.Client) onFile {
			if r, ok := c.(system.Reader); ok {
				return discard(r.Read)
			}
			return nil
		}),
		onFiles("read", "loose read "+h.String(), h, func(c system.Client) onFile {
			if r, ok := c.(system.LooseReader); ok {
				return discard(r.ReadLoose)
			}
			return nil
		}),
		onFiles("cached-read", "cached-read "+one.String(), one, cachedOrRead),
	}
}

// cachedOrRead is a client's cached read; for one without a cache, its linearizable read.
func cachedOrRead(c system.Client) onFile {
	if r, ok := c.(system.CachedReader); ok {
		return discard(r.ReadCached)
	}
	if r, ok := c.(system.Reader); ok {
		return discard(r.Read)
	}
	return nil
}

// onFile is something done to a named file; reads leave the data alone.
type onFile func(ctx context.Context, name string, data []byte) error

func discard(read func(context.Context, string) error) onFile {
	return func(ctx context.Context, name string, _ []byte) error { return read(ctx, name) }
}

// onFiles is a case in which each worker does something to a file of its own, of 1 KiB.
func onFiles(workload, name string, h shape, what func(system.Client) onFile) Case {
	return Case{workload, name, func(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
		clients, err := connect(ctx, s, h.clients, size.Where)
		if err != nil {
			return nil, err
		}
		defer closeAll(clients)
		var workers []measure.Op
		for i, c := range clients {
			do := what(c)
			if do == nil {
				return nil, ErrCannot
			}
			for j := range h.inFlight {
				file := fmt.Sprintf("files/f%d-%d", i, j)
				workers = append(workers, func(ctx context.Context) error { return do(ctx, file, kibibyte) })
			}
		}
		err = each(len(clients), connectAtOnce, func(i int) error {
			for j := range h.inFlight {
				if err := clients[i].Make(ctx, fmt.Sprintf("files/f%d-%d", i, j), kibibyte); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		return loop(ctx, s, size, workers)
	}}
}
