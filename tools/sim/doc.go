// Sim runs whole cells of leasehold in a world made from a seed: drifting clocks, networks that
// break, disks that tear, machines that crash in the middle of a step. Thousands of times faster
// than life, and the same seed is the same run, byte for byte.
//
//	go run ./tools/sim [-seed N] [-n COUNT] [-seconds 60] [-v] [-forever]
//
// It runs seeds N, N+1, …; without -seed it begins at a random one. Exit status 0: every rule
// held; 1: a rule was broken, named on the last line with the seed that repeats it; 2: usage.
// Real time stands only in lines that begin with "wall".
package main
