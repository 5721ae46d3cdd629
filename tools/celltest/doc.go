// Package celltest runs a whole cell inside a test: real replicas on loopback ports of their
// own, with real disks in the test's temporary directory. It is for tests of programs that use
// leasehold, ours and others'.
package celltest
