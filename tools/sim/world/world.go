package world

import (
	"fmt"
	"io"
)

// True is true time, which no machine can read: nanoseconds since the beginning of the run.
type True int64

// Lengths of true time.
const (
	Microsecond True = 1_000
	Millisecond      = 1_000 * Microsecond
	Second           = 1_000 * Millisecond
)

// String shows seconds with microseconds, for the trace.
func (t True) String() string {
	return fmt.Sprintf("%d.%06d", int64(t)/1e9, int64(t)/1e3%1e6)
}

// Loop is the one order of everything that happens: events by true time, and by the order in
// which they were planned where the time is the same.
type Loop struct {
	Dice
	now   True
	seq   uint64
	queue agenda
	trace io.Writer // nil: nobody watches
	print uint64    // of all that happened, to compare two runs of a seed
}

// NewLoop begins at true time 0. Trace lines go to trace, which may be nil.
func NewLoop(seed uint64, trace io.Writer) *Loop {
	return &Loop{Dice: NewDice(seed), trace: trace, print: 14695981039346656037}
}

// Now is the true time.
func (l *Loop) Now() True { return l.now }

// After plans f for d from now; d below 0 counts as 0.
func (l *Loop) After(d True, f func()) { l.At(l.now+max(d, 0), f) }

// At plans f for the true time t, or for now when t has passed.
func (l *Loop) At(t True, f func()) {
	l.seq++
	l.queue.add(event{at: max(t, l.now), seq: l.seq, run: f})
}

// Next runs the next event, if it comes before the end.
func (l *Loop) Next(end True) bool {
	if len(l.queue) == 0 || l.queue[0].at > end {
		l.now = max(l.now, end)
		return false
	}
	e := l.queue.take()
	l.now = e.at
	l.mix(uint64(e.at))
	l.mix(e.seq)
	e.run()
	return true
}

// Say writes one trace line.
func (l *Loop) Say(format string, args ...any) {
	if l.trace != nil {
		fmt.Fprintf(l.trace, "%v "+format+"\n", append([]any{l.now}, args...)...)
	}
}

// Fingerprint names the run: two runs that did the same things have the same.
func (l *Loop) Fingerprint() uint64 { return l.print }

func (l *Loop) mix(x uint64) { l.print = (l.print ^ x) * 1099511628211 }
