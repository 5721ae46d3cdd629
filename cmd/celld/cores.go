package main

import (
	"net"
	"os"
	"runtime"

	"github.com/leasehold/leasehold/cell"
)

// shareCores leaves a replica its share of the machine, where it is not alone on it: running Go on
// every core at once, as many replicas as there are spend a fifth of their time on waking each
// other's idle threads, and on stopping whoever woke them. What the environment has set stands. An error
// is the system's, that would not have the replica's threads be patient: it runs as well without.
func shareCores(all cell.Members, self cell.Member) error {
	if os.Getenv("GOMAXPROCS") != "" {
		return nil
	}
	has := runtime.GOMAXPROCS(0)
	share := coresOf(has, all, self)
	if share == has {
		return nil
	}
	runtime.GOMAXPROCS(share)
	return patient()
}

// coresOf is the share of a machine with so many cores that a replica has, by its host: one at least.
func coresOf(cores int, all cell.Members, self cell.Member) int {
	here := 0
	for _, m := range all {
		if hostOf(m) == hostOf(self) {
			here++
		}
	}
	return max(1, cores/max(1, here))
}

// hostOf is where a replica runs, as its address for peers says.
func hostOf(m cell.Member) string {
	host, _, err := net.SplitHostPort(m.Peer)
	if err != nil {
		return m.Peer
	}
	return host
}
