package proc

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
)

const (
	lowestPort  = 20000 // below what Linux hands out for outgoing connections
	highestPort = 32000
)

// FreePorts gives the first of n successive ports on 127.0.0.1 that nobody listens on, looking
// from a place that differs from call to call.
func FreePorts(n int) (int, error) {
	start := nextStart()
	for i := 0; i < highestPort-lowestPort; i += n {
		first := lowestPort + (start+i)%(highestPort-lowestPort-n)
		if free(first, n) {
			return first, nil
		}
	}
	return 0, fmt.Errorf("no %d free ports in a row from %d to %d", n, lowestPort, highestPort)
}

func free(first, n int) bool {
	for port := first; port < first+n; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return false
		}
		_ = l.Close()
	}
	return true
}

// nextStart spreads the runs of this machine, and the systems of one run, over the ports.
func nextStart() int {
	return (os.Getpid()*131 + int(starts.Add(1))*200) % (highestPort - lowestPort)
}

var starts atomic.Int64
