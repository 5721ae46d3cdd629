package session

import "github.com/leasehold/leasehold/lease"

const (
	// TardyAfter is how late a Step may come before sessions are excused for it (L7).
	TardyAfter = 100 * lease.Millisecond
	// quietAfter is how long nobody expires after a lateness or a lapse (L7).
	quietAfter = lease.Second
	// worthMoving is by how much a sign of life must move a deadline to be written down.
	worthMoving = 50 * lease.Millisecond
)
