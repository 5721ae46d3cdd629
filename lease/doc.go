// Package lease is the arithmetic of promises under clock drift.
//
// It keeps:
//
//   - L1 Drift bounds any two clocks of cell and clients against each other: while one counts
//     1, another counts at most 1 + drift. The granter counts the full length from when it
//     grants; the holder from when it sent the request that the answer names, divided by
//     (1+drift), less a margin. Never from the receive time. A renewal comes when half of the
//     lease is left, in company with others: earlier by a 64th of the lease at most, never later.
//   - L2 (its half) Deadlines are Durations on a wire and on a disk: an Instant is a reading of
//     one machine's clock and means nothing on another.
//   - L9 (its half) A master holds until the quorum-th newest send instant + d/(1+drift), less
//     a margin.
//   - B3 (its part) A Pace lets through what a second earns, and no more than that at once.
//
// Instants and Durations are handed in; there is no clock here.
package lease
