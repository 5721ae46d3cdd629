package cache

// DefaultBytes bounds what a cache keeps, in bytes of names, contents and child lists.
const DefaultBytes = 16 << 20

// maxStamps bounds how many invalidations are remembered for the reads that are on their way.
// A read that is older than the oldest remembered one fills nothing.
const maxStamps = 4096

// Costs of what an entry keeps beside its bytes, for the bound.
const (
	entryCost  = 256
	childCost  = 48
	handleCost = 32
)
