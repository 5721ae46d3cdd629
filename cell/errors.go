package cell

import (
	"errors"
	"fmt"
	"time"
)

// The one catalogue of errors. Wrapped with what was tried; compared with errors.Is.
var (
	ErrBadName         = errors.New("bad name")
	ErrTooLarge        = errors.New("too large")
	ErrWrongCell       = errors.New("wrong cell")
	ErrUsage           = errors.New("usage")
	ErrNotFound        = errors.New("no such node")
	ErrExists          = errors.New("node exists")
	ErrNotEmpty        = errors.New("node has children")
	ErrGeneration      = errors.New("content generation differs")
	ErrStaleSequencer  = errors.New("sequencer is stale")
	ErrStaleHandle     = errors.New("handle is stale: the node instance is gone")
	ErrEphemeralParent = errors.New("an ephemeral node has no children")
	ErrConflict        = errors.New("the tree changed under the call; try again")
	ErrLocked          = errors.New("lock is held")
	ErrNoMaster        = errors.New("no master") // nothing happened
	ErrOverloaded      = errors.New("overloaded")
	ErrNoSpace         = errors.New("no space")
	ErrDenied          = errors.New("denied")
	ErrOutcomeUnknown  = errors.New("outcome unknown") // it may have happened
	ErrSessionExpired  = errors.New("session expired")
	ErrLockLost        = errors.New("lock lost")
	ErrReleased        = errors.New("lock released")
	ErrClosed          = errors.New("closed")
	ErrProtocol        = errors.New("protocol") // nonsense from the other side
	ErrInternal        = errors.New("internal")
)

// What a replica finds wrong with its own data directory. They never travel: no code stands for
// them.
var (
	ErrDamaged    = errors.New("damaged")                      // the bytes are not what was written
	ErrRotten     = errors.New("damaged in memory")            // what was read or written well is there no more
	ErrDied       = errors.New("died applying a transaction")  // and would again
	ErrNewer      = errors.New("written in an unknown format") // by a newer program
	ErrLost       = errors.New("lost")                         // something that was there is missing
	ErrForeign    = errors.New("belongs to another cell")
	ErrInUse      = errors.New("data directory is in use") // by another process
	ErrLogClosed  = errors.New("log is closed")
	ErrCompacted  = errors.New("the log begins later") // the caller needs a snapshot
	ErrSuperseded = errors.New("the history changed while the snapshot was being made")
)

// Code is an error's number on a wire, and in the log's records of calls. 0 is success. The
// numbers are part of the format: never reuse one.
type Code uint32

type coded struct {
	code Code
	word string
	exit int
	err  error
}

var catalogue = []coded{
	{1, "bad_name", 2, ErrBadName}, {2, "too_large", 2, ErrTooLarge}, {3, "wrong_cell", 2, ErrWrongCell},
	{4, "usage", 2, ErrUsage}, {5, "not_found", 3, ErrNotFound}, {6, "exists", 4, ErrExists},
	{7, "not_empty", 4, ErrNotEmpty}, {8, "generation", 4, ErrGeneration},
	{9, "stale_sequencer", 4, ErrStaleSequencer}, {10, "stale_handle", 4, ErrStaleHandle},
	{11, "ephemeral_parent", 4, ErrEphemeralParent}, {12, "conflict", 4, ErrConflict},
	{13, "locked", 5, ErrLocked}, {14, "no_master", 6, ErrNoMaster}, {15, "overloaded", 6, ErrOverloaded},
	{16, "no_space", 6, ErrNoSpace}, {17, "denied", 7, ErrDenied}, {18, "outcome_unknown", 8, ErrOutcomeUnknown},
	{19, "session_expired", 1, ErrSessionExpired}, {20, "lock_lost", 1, ErrLockLost},
	{21, "released", 1, ErrReleased}, {22, "closed", 1, ErrClosed}, {23, "protocol", 1, ErrProtocol},
	{24, "internal", 1, ErrInternal},
}

func find(err error) (coded, bool) {
	if errors.Is(err, ErrOutcomeUnknown) { // outranks whatever it wraps
		return catalogue[17], true
	}
	for _, c := range catalogue {
		if errors.Is(err, c.err) {
			return c, true
		}
	}
	return coded{}, false
}

// CodeOf is the number of err: 0 for nil, ErrInternal's for what the catalogue does not know.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	if c, ok := find(err); ok {
		return c.code
	}
	return CodeOf(ErrInternal)
}

// Err is the sentinel of a code: nil for 0, ErrInternal for an unknown number.
func (c Code) Err() error {
	if c == 0 {
		return nil
	}
	for _, e := range catalogue {
		if e.code == c {
			return e.err
		}
	}
	return ErrInternal
}

// String is the word of a code as in JSON and metrics: "ok" for 0.
func (c Code) String() string {
	if c == 0 {
		return "ok"
	}
	for _, e := range catalogue {
		if e.code == c {
			return e.word
		}
	}
	return "internal"
}

// ExitOf is the exit status of cellctl for err.
func ExitOf(err error) int {
	if err == nil {
		return 0
	}
	if c, ok := find(err); ok {
		return c.exit
	}
	return 1
}

// LimitError says which limit was passed: errors.Is(err, ErrTooLarge).
type LimitError struct {
	Limit     string // its key in the cell's limits: value, children, watches, …
	Most, Got int
}

func (e *LimitError) Error() string {
	if s, err := FindSetting(e.Limit); err == nil && s.Length {
		return fmt.Sprintf("too large: %s is limited to %v, got %v", e.Limit, time.Duration(e.Most), time.Duration(e.Got))
	}
	return fmt.Sprintf("too large: %s is limited to %d, got %d", e.Limit, e.Most, e.Got)
}

// Unwrap makes errors.Is(err, ErrTooLarge) true.
func (e *LimitError) Unwrap() error { return ErrTooLarge }

// OverloadedError carries when to try again: errors.Is(err, ErrOverloaded).
type OverloadedError struct{ RetryAfter time.Duration }

func (e *OverloadedError) Error() string {
	return fmt.Sprintf("overloaded: retry after %v", e.RetryAfter)
}

// Unwrap makes errors.Is(err, ErrOverloaded) true.
func (e *OverloadedError) Unwrap() error { return ErrOverloaded }
