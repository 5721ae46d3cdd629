// Sim runs whole cells of leasehold in a world made from a seed: drifting clocks, networks that
// break, disks that tear, machines that crash in the middle of a step. A thousand times faster
// than life, and the same seed is the same run, byte for byte.
//
//	go run ./tools/sim [-seed N] [-n COUNT | -forever] [-seconds 60] [-v]
//
// It runs seeds N, N+1, …, one on each core at a time (with -v one after the other); without -seed
// it begins at a random one; with -forever it goes on until a rule is broken or it is interrupted.
// Exit status 0: every rule held; 1: a rule was broken, named on the last line with the seed that
// repeats it; 2: usage. Real time stands only in lines that begin with "wall".
package main
