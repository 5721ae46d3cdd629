package cell

import "fmt"

// Assert panics when one of our own invariants is broken. It is never compiled out, and
// nothing that comes from outside may reach it (B5).
func Assert(ok bool, format string, args ...any) {
	if !ok {
		panic("invariant broken: " + fmt.Sprintf(format, args...))
	}
}
