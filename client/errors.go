package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/client/session"
)

// Outcome tells what a failed call may have done.
type Outcome = session.Outcome

// NotApplied: nothing happened, and nothing will. Unknown: the call was sent and its answer
// never came: it may have happened, or still happen.
const (
	NotApplied = session.NotApplied
	Unknown    = session.Unknown
)

// OpError is what every failed call returns. errors.Is(err, cell.ErrOutcomeUnknown) exactly
// when Outcome is Unknown; Err wraps the sentinel, and the context's error if that ended it.
type OpError struct {
	Op, Name string
	Index    int // which op of a Txn, from 0, when Op names one; 0 elsewhere
	Outcome  Outcome
	Err      error
}

func (e *OpError) Error() string {
	s := e.Op
	if e.Name != "" {
		s += " " + e.Name
	}
	s += ": " + e.Err.Error()
	if e.Outcome == Unknown && !errors.Is(e.Err, cell.ErrOutcomeUnknown) {
		s += " (outcome unknown)"
	}
	return s
}

// Unwrap gives Err, so that errors.Is and errors.As see what went wrong.
func (e *OpError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, cell.ErrOutcomeUnknown) true when Outcome is Unknown.
func (e *OpError) Is(target error) bool {
	return target == cell.ErrOutcomeUnknown && e.Outcome == Unknown
}

// HeldError says who has the lock: errors.Is(err, cell.ErrLocked). Of many holders and waiters it
// names the first 100; Client.Locks tells of all.
type HeldError struct{ Lock LockInfo }

func (e *HeldError) Error() string {
	if len(e.Lock.Holders) == 0 {
		if e.Lock.DelayLeft > 0 {
			return fmt.Sprintf("lock is held: in lock-delay for %v more", e.Lock.DelayLeft)
		}
		return cell.ErrLocked.Error()
	}
	h := e.Lock.Holders[0]
	s := fmt.Sprintf("lock is held (%s) by session %v, %s", e.Lock.Mode, h.Session, h.Identity)
	if !h.Since.IsZero() {
		s += ", since " + h.Since.Format("2006-01-02T15:04:05.000Z07:00")
	}
	if n := len(e.Lock.Holders) - 1; n > 0 {
		s += fmt.Sprintf(", and %d more", n)
	}
	return s
}

// Unwrap makes errors.Is(err, cell.ErrLocked) true.
func (e *HeldError) Unwrap() error { return cell.ErrLocked }

// EndpointError is what one endpoint said, or what happened when it was asked.
type EndpointError struct {
	Endpoint string
	Err      error
}

// NoMasterError says why no master was found, endpoint by endpoint:
// errors.Is(err, cell.ErrNoMaster). Nothing happened.
type NoMasterError struct{ Endpoints []EndpointError }

func (e *NoMasterError) Error() string {
	if len(e.Endpoints) == 0 {
		return cell.ErrNoMaster.Error()
	}
	parts := make([]string, len(e.Endpoints))
	for i, p := range e.Endpoints {
		why := strings.TrimPrefix(p.Err.Error(), cell.ErrNoMaster.Error()+": ")
		parts[i] = p.Endpoint + ": " + strings.TrimPrefix(why, "dial "+p.Endpoint+": ")
	}
	return "no master: " + strings.Join(parts, "; ")
}

// Unwrap makes errors.Is(err, cell.ErrNoMaster) true.
func (e *NoMasterError) Unwrap() error { return cell.ErrNoMaster }

func opError(op, name string, outcome Outcome, err error) error {
	return &OpError{Op: op, Name: name, Outcome: outcome, Err: err}
}
