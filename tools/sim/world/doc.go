// Package world is everything around the machines: true time, drifting clocks, networks, disks
// that keep bytes, crashes and clients, drawn from one seed. The machines in it are the ones
// that celld and the client run: replica.Replica and the client's session; there is no twin.
//
// One seed, one trace, byte for byte: everything happens in one loop, in one order, and all
// chance comes from the loop's dice.
//
// A machine's turn is the host's: drain what came in, read the clock, Step, carry out the
// effects in their order. The world may stop a machine between any two of these.
package world
