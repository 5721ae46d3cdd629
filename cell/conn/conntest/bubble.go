package conntest

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// Bubble is synctest.Test for what uses connections over a conn.Memory. yamux keeps timers in a
// pool of the whole process, and a timer made outside of a bubble must not be used in one, nor
// the other way round: two collections empty the pool. So no connection from outside may be
// alive meanwhile: close them in Cleanup, and run no such test in parallel. Who waits for longer than a
// day of its time waits for ever, and the test is red.
func Bubble(t *testing.T, body func(*testing.T)) {
	t.Helper()
	emptyPools()
	defer emptyPools()
	synctest.Test(t, func(t *testing.T) {
		dog := time.AfterFunc(24*time.Hour, func() { panic("a day has passed: somebody waits for ever") })
		defer dog.Stop()
		body(t)
	})
}

// emptyPools: the first collection retires what sync.Pools hold, the second drops it.
func emptyPools() {
	runtime.GC()
	runtime.GC()
}
