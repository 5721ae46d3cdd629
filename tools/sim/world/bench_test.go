package world

import "testing"

// BenchmarkRun says how fast runs go: one seed after the other, and how many simulated seconds go by
// in a second of this machine's.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	simulated := True(0)
	for seed := uint64(1); b.Loop(); seed++ {
		r := Run(seed, 60, nil)
		if r.Broken != nil {
			b.Fatal(r.Broken)
		}
		simulated += r.Simulated
	}
	b.ReportMetric(float64(simulated)/1e9/b.Elapsed().Seconds(), "simulated-s/s")
}
