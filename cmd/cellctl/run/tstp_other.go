//go:build unix && !linux

package run

import "os"

// hearStops does nothing here: a TSTP that reaches us and not COMMAND stops us alone.
func hearStops(chan os.Signal) {}

// stoppable is the case already.
func stoppable() (restore func()) { return func() {} }
