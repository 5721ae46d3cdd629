package conn

import "time"

// instant is a time by the clock that only goes forward, in nanoseconds: a third of what a time.Time takes,
// and each of thousands of connections has several. Zero is long ago.
type instant int64

var began = time.Now()

// before keeps what a test's own clock says, which goes back to the year 2000, above zero.
const before = 1 << 62

func clock() instant { return before + instant(time.Since(began)) }

func (t instant) since(earlier instant) time.Duration { return time.Duration(t - earlier) }
