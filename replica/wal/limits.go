package wal

import "github.com/leasehold/leasehold/replica/record"

// Bounds and defaults.
const (
	// DefaultSegmentBytes is the size at which a segment is closed and the next begun.
	DefaultSegmentBytes = 4 << 20
	// MaxSegmentBytes is the largest size that may be asked for.
	MaxSegmentBytes = 256 << 20
	// DefaultRecentBytes is how much of the log's end Open hands back for memory.
	DefaultRecentBytes = 4 << 20
	// MaxSnapshotBytes is the most bytes of a snapshot, on disk and decoded, that is believed.
	MaxSnapshotBytes = 64 << 30

	// maxSmallFile is the most bytes of a file that is read whole: birth, hard, CURRENT.
	maxSmallFile = 1 << 20
	// maxSegmentFile is the most bytes of a segment that are read: one more record than was asked for.
	maxSegmentFile = MaxSegmentBytes + record.MaxPayload + 1<<10
	// keepBuffer is the largest append buffer that is kept for the next batch.
	keepBuffer = 4 << 20
	// keepReceived is how many received snapshots may wait for an Install.
	keepReceived = 2
	// window is the zstd window: what a decoder must hold in memory.
	window = 1 << 20
)
