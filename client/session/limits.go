package session

import "github.com/leasehold/leasehold/lease"

// Lengths and bounds of the machine's own; none of them is a promise to anybody else.
const (
	dialPatience    = 2 * lease.Second        // for a link to come up
	answerPatience  = 1 * lease.Second        // for Welcome and Located
	attachPatience  = 2 * lease.Second        // for Attached or Created, twice as long each time…
	attachMost      = 16 * lease.Second       // …up to this
	courtesyNew     = 100 * lease.Millisecond // that a new session asks one address alone
	courtesy        = 500 * lease.Millisecond // that a search asks two of them
	suspicion       = 250 * lease.Millisecond // a call unanswered for that long asks the others
	silence         = 3 * lease.Second        // a link silent for that long under suspicion is given up
	backoffLeast    = 50 * lease.Millisecond
	backoffMost     = 1 * lease.Second
	askMost         = 250 * lease.Millisecond // between two questions for the master while there is none
	askMostAttached = 2 * lease.Second        // the same while there is one, under suspicion
	retryLeast      = 20 * lease.Millisecond  // after a refusal that can be tried again

	claimMarginMost = 50 * lease.Millisecond // what a lease is counted shorter, for slow hands
	claimMarginPart = 100                    // or this part of it, if that is less

	maxAddresses = 32 // endpoints and what was learned from them
	maxConflicts = 16 // how often a call that met ErrConflict is made anew
	maxEarly     = 10_000
)

// DefaultGrace is how long a session in jeopardy looks for a master before it is Expired.
const DefaultGrace = 45 * lease.Second
