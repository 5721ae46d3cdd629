package tree

// Bounds of a single transaction and of what a cell may set, the same in every cell. What a
// cell has set for itself is in its tree (cell.Limits).
const (
	MaxTxnBytes     = 2 << 20
	MaxTxnNames     = 4096      // names that one transaction may change
	maxTxnNameBytes = 768 << 10 // all of them together
	MaxTxnSessions  = 4096      // sessions in one MarkCaching or EndSessions
	MaxTxnReaped    = 1024      // ephemerals in one Reap
	MaxTxnDelays    = 4096      // lock-delays in one EndDelays, holds in one BreakOverdue
	MaxPast         = 8         // holds that the history of a lock keeps
	MaxQuotas       = 1024      // subtrees with a quota
	maxCounted      = 100_000   // nodes that a transaction may count for a new one (L8)
	MaxTextBytes    = 1024      // identity, principal, address, why
	MaxElementBytes = 3 << 20   // of a snapshot's element: a node with its contents
	rereadElements  = 512       // that one Reread hashes anew, and bytes of contents; one element more at most
	rereadBytes     = 256 << 10
)
