// Package measure drives operations in a closed loop, the same for every system, and turns what
// it saw into numbers: rates, percentiles (HDR histograms, nanoseconds, three digits), and
// medians over rounds.
//
// A closed loop asks for the next operation when the last has been answered. Its percentiles
// tell what a caller waits at that number of callers; they do not tell what a queue of arrivals
// would see at a rate near the highest.
package measure
