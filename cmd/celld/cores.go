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
	here := together(all, self)
	if here == 1 {
		return nil
	}
	runtime.GOMAXPROCS(coresOf(runtime.GOMAXPROCS(0), here))
	return patient()
}

// coresOf is the share of a machine with so many cores that each of so many replicas has: one at least.
func coresOf(cores, here int) int { return max(1, cores/here) }

// together is how many replicas are on the host of one of them, itself included.
func together(all cell.Members, self cell.Member) (here int) {
	for _, m := range all {
		if hostOf(m) == hostOf(self) {
			here++
		}
	}
	return here
}

// hostOf is where a replica runs, as its address for peers says.
func hostOf(m cell.Member) string {
	host, _, err := net.SplitHostPort(m.Peer)
	if err != nil {
		return m.Peer
	}
	return host
}
