// Package waltest is the conformance suite of a replica's disk: the real one and the
// simulator's must both pass it. What it checks is what the replica relies on:
//
//   - Z1 What Sync and SaveHard have returned for survives a crash; what was only appended may
//     be gone, but then from its end.
//   - Z5 A cut removes records behind it and snapshots above it, for good.
//   - Z7 A received snapshot is no part of the history before Install; after it, it is all of it.
//   - Z12 The log always reaches back to the oldest kept snapshot, and nothing goes unverified.
package waltest
