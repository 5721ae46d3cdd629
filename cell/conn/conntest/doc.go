// Package conntest is the conformance suite of what carries frames: what hosts and clients may
// rely on, over TCP, in memory, and over whatever else takes their place.
package conntest
