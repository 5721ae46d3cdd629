package call

import "github.com/leasehold/leasehold/cell"

// Bounds of single messages, the same in every cell (B1, B2). What the cell's own limits say
// is decided in the tree.
const (
	MaxIdentityBytes = 256
	MaxNoteBytes     = 1024
	maxKeyBytes      = cell.MaxNameBytes + 64 // of a setting; that of a quota has a name in it
	maxAddress       = 300                    // bytes of HOST:PORT: a name has 253
	MaxValueBytes    = cell.MostValue         // the most that the limit "value" can be set to
	MaxDelay         = int64(3600e9)
	MaxMaxHold       = 366 * 24 * MaxDelay
	MaxPage          = 1000     // children in one ListReply
	MaxClaims        = 512      // in one Revalidate
	MaxClaimBytes    = 64 << 10 // of names in one Revalidate, but for the last
	MinTTL           = int64(1e6)
	MaxTTL           = 10 * 365 * 24 * MaxDelay
	MaxFrameBytes    = 2 << 20
	MaxTxnParts      = 1024
	MaxTxnBytes      = 1 << 20 // names and contents of a Txn's parts together
	MaxRecordBytes   = 4 << 20 // that the records of a session's unacked answers may take, but for one (C7)
)

func tooLong(what string, got, most int) string {
	if got > most {
		return (&cell.LimitError{Limit: what, Most: most, Got: got}).Error()
	}
	return ""
}

func first(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

func when(bad bool, why string) string {
	if bad {
		return why
	}
	return ""
}
