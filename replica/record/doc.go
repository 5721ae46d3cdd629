// Package record is the form of history: log records, their frames, and the scan that finds
// what a crash left, all as pure functions over bytes. The disk (replica/wal) and the
// simulator's disk write and recover by the same code.
//
// It keeps:
//
//   - Z2 (its half) What Conclude reports is the tail of what the disk holds, nothing else.
//   - Z11 (its half) History begun: a hard state that says so beside an empty history is refused
//     as lost, unless a TRUNC emptied it; without the mark an empty history is true. History
//     without a hard state is refused.
//   - Z12 Log records carry zxid and CRC-32C. A torn tail is cut at the last whole record and
//     said so; damage before records that were promised durable is refused with the remedy.
//     The hard state stands in two slots; at every instant one is whole and as new as what was acked.
//   - Z16 Everything written carries its format version; a newer format, or a kind of record
//     that is not known here, is refused with the remedy, never skipped.
//   - B5 (its half) No bytes trip an assertion: what does not decode is an error.
//
// # What the scan can tell
//
// Each frame says which index was synced when it was written. A frame that does not hold
// together is a torn tail only in the last segment, and only while no later whole frame says
// that it had been synced. What is left is rot in the last batch ever written: it looks like
// a torn write and is cut as one.
//
// The last segment is laid out ahead of what is written: behind its records are zeros, which are
// cut and no news. A batch of which no byte was written cannot be told from them.
//
// A frame's sum is seeded with the log's salt, a random number that no client knows: bytes in
// a payload that look like a frame never count as evidence.
package record
