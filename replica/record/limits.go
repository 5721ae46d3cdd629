package record

// Bounds of what is written and of what is believed when read back.
const (
	// MaxPayload is the most bytes of one record's payload.
	MaxPayload = 16 << 20
	// MaxSeen is the most peers' boot counters that a hard state keeps.
	MaxSeen = 4096
	// MaxCellName is the most bytes of a cell's name in a birth record.
	MaxCellName = 255
)
