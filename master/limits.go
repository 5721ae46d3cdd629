package master

import "github.com/leasehold/leasehold/lease"

// Bounds of this machine's own (B2, L8). What the cell has set for itself is in the tree.
const (
	maxInFlight      = 20_000    // writes admitted and not answered
	maxInFlightBytes = 128 << 20 // contents of those
	maxHeld          = 20_000    // messages kept while the lease does not hold
	maxHeldBytes     = 64 << 20  // contents of those
	maxOpening       = 4_000     // sessions being made

	maxBehind = 1024 // answers of one session that wait behind the events of its watches

	expiryBatch  = 256   // sessions in one EndSessions
	expiryHolds  = 2_000 // holds and waits that end with those, beyond one session's
	expiryRounds = 4     // of which a Step proposes so many
	reapBatch    = 100   // ephemerals in one Reap
	reapsFlying  = 64    // Reaps on their way
	perishPiece  = 1_000 // names of a new master that one Step queues
	perishBatch  = 100   // nodes in one Perish, or looked at for it
	perishRounds = 4     // of which a Step proposes so many
	perishFlying = 6_400 // nodes whose Perish is on its way
	delayBatch   = 256   // lock-delays in one EndDelays
	markBatch    = 1024

	keepAliveBatch = 256 // KeepAlives that a Step answers

	pageChildren  = 1000      // children in a ListReply, or ephemerals in a piece of a session
	pageBytes     = 256 << 10 // about, of a reply about locks or sessions
	pieceNodes    = 256       // nodes or changes that a watch looks at in one piece
	pieceBytes    = 256 << 10 // contents in one Events
	maxKeptBytes  = 4 << 20   // contents of changes kept while a first state is sent
	piecesPerStep = 16
	namedInLine   = 20  // sessions that one line of the log names, lapses told in one Step
	toldOfLock    = 100 // holders, and waiters, that a refused acquire is told of

	perSession  = lease.Millisecond // of session lease: two thousand KeepAlives a second at most
	tardyMost   = 3                 // Steps that come late…
	tardyWithin = 10 * lease.Second // …within this double the session leases…
	calmAfter   = 60 * lease.Second // …for as long as this

	costOfSession = 10                      // requests that the opening of one counts as
	deafAfter     = 256                     // requests of who was told to wait, until he is not read from…
	pause         = 100 * lease.Millisecond // …for so long
	minSweep      = 1024                    // accounts that are kept in any case

	retryAfter  = 100 * lease.Millisecond // told with ErrOverloaded
	reapAgain   = 100 * lease.Millisecond // after a Reap that left something
	perishAgain = lease.Second            // after a lock kept a node from going
	lingers     = lease.Second / 2        // a container after its last child
	ageLeast    = lease.Second            // between two loggings of the cell's age…
	ageMost     = 60 * lease.Second       // …up to this
	ageSpare    = 5 * lease.Second        // that logging it may take without its standing still
	lapsedPoll  = 20 * lease.Millisecond  // while the lease does not hold
)
