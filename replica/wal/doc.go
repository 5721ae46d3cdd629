// Package wal is the disk's only door: log, hard state, birth record and snapshots of one
// replica in one data directory. It knows zxids and bytes, not their meaning.
//
// A data directory:
//
//	died                      at which transaction the replica died, if it did (B5)
//	LOCK                      held by flock while a process uses the directory
//	birth                     whose directory it is, written by init
//	hard                      the hard state, in two slots that are written in turn (record.Slots)
//	CURRENT                   which log directory counts
//	log-N/FIRSTINDEX          the log's segments (github.com/tidwall/wal, binary format)
//	snapshots/INDEX-ZXID.snap snapshots of this history
//	snapshots/….received      a snapshot from a peer, whole and verified, not yet installed
//	*.tmp                     unfinished; removed at the next start
//	snapshots/….damaged       kept for a look; removed by the next Prune
//
// It keeps:
//
//   - Z1 (its half) Synced means synced: Sync returns after fdatasync of the segment and fsync of its
//     directory, SaveHard after fdatasync of one of two slots, the other of which is whole and synced.
//   - Z2 Open syncs what it found before it reports a tail.
//   - Z5 (its half) TruncateAfter removes snapshots above the cut, before it cuts.
//   - Z7 (its half) A snapshot that has not arrived whole, or was not installed, is gone at the
//     next start; Install is one switch of CURRENT.
//   - Z9 Any error of append, sync, rename or truncate is final: the Log answers everything
//     afterwards with that first error.
//   - Z11 (its half) Birth record and hard state are synced files; nothing is appended before the
//     first hard state. An empty history whose hard state says that it had begun is refused as lost.
//   - Z12 The scan of replica/record runs before every use of the log. Old snapshots go only when
//     the newer ones have been read back and verified, and the log reaches back to the oldest kept.
//   - B1 (its half) A snapshot from a peer is verified whole before it counts; what it decodes to
//     is bounded by what it announces, and that by a limit.
//   - B3 (its half) FreeBytes says how much room is left, for the pong. A Reserve is a file that keeps
//     room for what goes on when the disk is full: it is given up when the rest is nearly gone.
//   - Z16 Format versions newer than this program's are refused with the remedy.
//
// # How the log library is used
//
// tidwall/wal has no checksums, no repair, no directory sync, and races when shared. So: frames
// of our own, our scan before its Open, one owning goroutine, an explicit sync of the directory
// after each roll. Zeros are laid out behind what is written to the last segment's file (room.go), through
// a handle of our own: then fdatasync, through the same handle, is enough.
//
// Cutting and compacting do not use the library: its truncations rewrite a segment and rename in
// an order that a power failure may not keep. Here later segments are unlinked from the end, each
// unlink synced, then one segment is shortened; old segments are unlinked whole. Every state
// between two such steps is a log that the scan accepts.
package wal
