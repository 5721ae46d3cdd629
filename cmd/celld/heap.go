package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The garbage that may gather before the next collection: a fixed amount while the heap is small,
// where Go's own rule (as much again as is alive) would collect many times a second, and Go's own when
// it is large. At twenty thousand writes a second a collection goes through a history of 64 MiB: with
// 32 MiB of garbage between two of them they took a fifth of all CPU. With a million nodes one takes 0.2 s
// of CPU, and where five replicas share two cores, two at once hold everybody up: with less garbage than
// Go's rule lets gather, that was often. Who is quiet gives the garbage back.
const (
	leastGarbage = 128 << 20
	largePercent = 100
	smallPercent = 800 // the first collection comes at 4 MiB times this
)

// collectPercent is the collector's target for a heap in which so many bytes are alive.
func collectPercent(alive uint64) int {
	return max(largePercent, min(int(leastGarbage*100/max(alive, 1<<20)), smallPercent))
}

// tendHeap sets the collector's target, unless the environment has set it: anew after each collection from when
// started is called. Until then a tree is loaded, nearly all of which stays alive: who collected as often as
// later would look at it over and over, and find little.
func tendHeap() (started func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	h := &heap{samples: []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}}
	h.percent = smallPercent
	debug.SetGCPercent(h.percent)
	return func() {
		h.tend()
		go giveBack()
	}
}

// heap is this process's, of which the collector's target is kept.
type heap struct {
	samples []metrics.Sample
	percent int
}

func (h *heap) tend() {
	metrics.Read(h.samples)
	alive := uint64(0)
	for _, s := range h.samples {
		if s.Value.Kind() == metrics.KindUint64 {
			alive += s.Value.Uint64()
		}
	}
	// Each change stops the world for a moment: small ones are not worth it.
	if want := collectPercent(alive); want < h.percent*9/10 || want > h.percent*11/10 {
		h.percent = want
		debug.SetGCPercent(want)
	}
	runtime.AddCleanup(new([2]*byte), func(*heap) { h.tend() }, nil)
}

// A process that has fallen quiet gives back what it needed while it was not: the collector, which comes
// when enough is allocated, would not come for minutes, nor return what it frees.
const (
	lookEvery  = 5 * time.Second
	quietBytes = 16 << 20 // allocated from one look to the next, at most
	worthBytes = 8 << 20  // to be had, at least; and an eighth of what is alive, all of which is looked at
)

// worthwhile: of a heap with so many bytes alive, spare may be had, and few were allocated of late.
func worthwhile(allocated, spare, alive uint64) bool {
	return allocated <= quietBytes && spare >= max(worthBytes, alive/8)
}

// giveBack looks for as long as the process lives.
func giveBack() {
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	before := uint64(0)
	for range time.Tick(lookEvery) {
		metrics.Read(samples)
		allocs, alive := samples[0].Value.Uint64(), samples[1].Value.Uint64()
		held := samples[2].Value.Uint64() + samples[3].Value.Uint64()
		if worthwhile(allocs-before, held-min(held, alive), alive) {
			debug.FreeOSMemory()
		}
		before = allocs
	}
}
