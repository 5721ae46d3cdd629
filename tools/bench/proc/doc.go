// Package proc starts the servers of a benchmark, measures what they use, and ends exactly
// those, by their process ids. A server that is started here dies with the benchmark, however
// that ends.
package proc
