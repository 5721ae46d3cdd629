package record

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
)

// Why a directory's contents are refused. Compared with errors.Is.
var (
	ErrDamaged = cell.ErrDamaged
	ErrNewer   = cell.ErrNewer
	ErrLost    = cell.ErrLost
	ErrForeign = cell.ErrForeign
)

// The remedies, one for each reason.
const (
	// Rebuild is the remedy for what is damaged or lost.
	Rebuild = "if the other replicas are healthy, move everything out of this data directory and start again: " +
		"the replica rejoins as a learner and is rebuilt from its peers"
	// Upgrade is the remedy for a newer format.
	Upgrade = "start the version of celld that wrote it, or a newer one"
	// Separate is the remedy for another cell's files.
	Separate = "give this replica a data directory of its own cell"
)

// Refusal says why a directory cannot be used and what to do; errors.Is finds its Reason.
type Refusal struct {
	Reason error // one of the above
	What   string
	Remedy string
}

// Error is one line: reason, what, remedy.
func (r *Refusal) Error() string { return fmt.Sprintf("%v: %s; %s", r.Reason, r.What, r.Remedy) }

// Unwrap gives the reason.
func (r *Refusal) Unwrap() error { return r.Reason }

// Damaged refuses bytes that are not what was written.
func Damaged(format string, args ...any) *Refusal {
	return &Refusal{ErrDamaged, fmt.Sprintf(format, args...), Rebuild}
}

// Newer refuses what another version of the program wrote.
func Newer(format string, args ...any) *Refusal {
	return &Refusal{ErrNewer, fmt.Sprintf(format, args...), Upgrade}
}

// Lost refuses a directory from which something is missing.
func Lost(format string, args ...any) *Refusal {
	return &Refusal{ErrLost, fmt.Sprintf(format, args...), Rebuild}
}

// Foreign refuses what belongs to another cell.
func Foreign(format string, args ...any) *Refusal {
	return &Refusal{ErrForeign, fmt.Sprintf(format, args...), Separate}
}
