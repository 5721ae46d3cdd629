package measure

import (
	"slices"
	"time"
)

// Unit is what a value is measured in, and whether more of it is better.
type Unit struct {
	Name       string
	MoreBetter bool
}

// The units of the report.
var (
	PerSecond = Unit{"/s", true}
	Millis    = Unit{"ms", false}
	Micros    = Unit{"µs", false}
	Seconds   = Unit{"s", false}
	Mebibytes = Unit{"MiB", false}
	Bytes     = Unit{"B", false}
	Percent   = Unit{"% of a core", false}
	Count     = Unit{"", false}
	Ratio     = Unit{"×", false}
)

// Value is one number that a case gave.
type Value struct {
	Name string // such as rate, p99
	Unit Unit
	X    float64
}

// Result is what one system did in one case of one round. Error, if any, is why there are no
// values.
type Result struct {
	System string
	Case   string // such as "write 64×1"
	Round  int
	Values []Value
	Error  string
}

// Latencies are a histogram's percentiles in milliseconds, and its largest value.
func (s Sample) Latencies() []Value {
	at := func(name string, q float64) Value {
		return Value{name, Millis, float64(s.Hist.ValueAtQuantile(q)) / float64(time.Millisecond)}
	}
	return []Value{at("p50", 50), at("p99", 99), at("p99.9", 99.9), at("max", 100)}
}

// Spread is the median of a value over the rounds, and its least and most.
type Spread struct {
	Name              string
	Unit              Unit
	Median, Low, High float64
	Rounds            int
}

// Medians gives, for one system and case, each value's spread over the rounds, in the order in
// which the values first came. An even number of rounds has the mean of the middle two.
func Medians(all []Result, system, name string) []Spread {
	var spreads []Spread
	seen := map[string][]float64{}
	for _, r := range all {
		if r.System != system || r.Case != name {
			continue
		}
		for _, v := range r.Values {
			if _, ok := seen[v.Name]; !ok {
				spreads = append(spreads, Spread{Name: v.Name, Unit: v.Unit})
			}
			seen[v.Name] = append(seen[v.Name], v.X)
		}
	}
	for i := range spreads {
		xs := seen[spreads[i].Name]
		slices.Sort(xs)
		spreads[i].Median = (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
		spreads[i].Low, spreads[i].High, spreads[i].Rounds = xs[0], xs[len(xs)-1], len(xs)
	}
	return spreads
}
