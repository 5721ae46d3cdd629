package workload

import (
	"context"
	"fmt"
	"time"

	"github.com/leasehold/leasehold/tools/bench/measure"
	"github.com/leasehold/leasehold/tools/bench/proc"
	"github.com/leasehold/leasehold/tools/bench/system"
)

// replicaReads compares reads that one server answers with reads that all answer, beside a writer. On
// one machine the rate is that of its processors, whoever answers; what tells how reads scale with
// servers that have machines of their own is the time that the busiest of them spends on a read.
func replicaReads() []Case {
	var cases []Case
	for _, k := range []struct {
		name string
		read func(system.Client) onFile
	}{
		{"at the master", func(c system.Client) onFile {
			if r, ok := c.(system.Reader); ok {
				return discard(r.Read)
			}
			return nil
		}},
		{"at replicas", func(c system.Client) onFile {
			if r, ok := c.(system.LooseReader); ok {
				return discard(r.ReadLoose)
			}
			return nil
		}},
		{"at replicas, synced", func(c system.Client) onFile {
			if r, ok := c.(system.SyncedReader); ok {
				return discard(r.ReadSynced)
			}
			return nil
		}},
	} {
		for _, h := range []shape{{16, 4}, {64, 4}} {
			cases = append(cases, replicaRead(fmt.Sprintf("read %s %v", k.name, h), h, k.read))
		}
	}
	return cases
}

func replicaRead(name string, h shape, what func(system.Client) onFile) Case {
	return Case{"replica-read", name, func(ctx context.Context, s system.System, size Size) ([]measure.Value, error) {
		clients, err := connect(ctx, s, h.clients+1, system.Spread)
		if err != nil {
			return nil, err
		}
		defer closeAll(clients)
		writer := clients[h.clients]
		if err := writer.Make(ctx, "files/shared", kibibyte); err != nil {
			return nil, err
		}
		var workers []measure.Op
		for _, c := range clients[:h.clients] {
			do := what(c)
			if do == nil {
				return nil, ErrCannot
			}
			for range h.inFlight {
				workers = append(workers, func(ctx context.Context) error { return do(ctx, "files/shared", nil) })
			}
		}
		return besideAWriter(ctx, s, size, writer, workers)
	}}
}

// writerPause is between two writes of the one writer.
const writerPause = 10 * time.Millisecond

func besideAWriter(ctx context.Context, s system.System, size Size, writer system.Client,
	workers []measure.Op) ([]measure.Value, error) {
	writing, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for writing.Err() == nil {
			_ = writer.Write(writing, "files/shared", kibibyte)
			select {
			case <-writing.Done():
			case <-time.After(writerPause):
			}
		}
	}()
	defer func() {
		stop()
		<-ended
	}()
	m := meter{procs: s.Procs()}
	edges, begin, busiest := m.edges(), []time.Duration(nil), time.Duration(0)
	sample, err := measure.Loop(ctx, workers, size.Times, measure.Edges{
		Begin: func() { edges.Begin(); begin = cpuOfEach(s.Procs()) },
		End: func() {
			edges.End()
			for i, end := range cpuOfEach(s.Procs()) {
				busiest = max(busiest, end-begin[i])
			}
		},
	})
	if err != nil {
		return nil, err
	}
	values := append([]measure.Value{{Name: "rate", Unit: measure.PerSecond, X: sample.Rate()}}, sample.Latencies()...)
	values = append(values, m.values(sample.Ops)...)
	values = append(values, measure.Value{Name: "busiest server CPU/op", Unit: measure.Micros,
		X: float64(busiest.Microseconds()) / float64(max(sample.Ops, 1))})
	if sample.Errors > 0 {
		values = append(values, measure.Value{Name: "errors", Unit: measure.Count, X: float64(sample.Errors)})
	}
	return values, nil
}

func cpuOfEach(procs []*proc.Proc) []time.Duration {
	used := make([]time.Duration, len(procs))
	for i, p := range procs {
		u, _ := proc.UsageOf([]*proc.Proc{p})
		used[i] = u.CPU
	}
	return used
}
