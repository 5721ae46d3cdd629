package check

import "fmt"

// Broken is a rule that did not hold: its id, and what happened.
type Broken struct {
	Rule string
	What string
}

// Error is one line.
func (b *Broken) Error() string { return b.Rule + " is broken: " + b.What }

// Court keeps the first broken rule of a run. The checkers share one.
type Court struct{ first *Broken }

// Fail records that a rule is broken; the first counts.
func (c *Court) Fail(rule, format string, args ...any) {
	if c.first == nil {
		c.first = &Broken{rule, fmt.Sprintf(format, args...)}
	}
}

// Verdict is the first broken rule, nil while there is none.
func (c *Court) Verdict() *Broken { return c.first }
