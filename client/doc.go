// Package client is the Go client of leasehold: blocking calls with contexts over the pure
// session machine of client/session.
//
// A Client knows endpoints and touches no network until it is used. Calls of the Client itself
// (Read, Stat, List, Locks, Sessions, Status, CheckSequencer, Ping) need no session. A Session
// is a leased relation with the cell: it caches what it reads, holds locks, owns ephemeral
// nodes and watches names, and survives the loss of a master.
//
// It keeps:
//
//   - L2 A hold's Context ends by a tick of at most 250 ms that compares CLOCK_BOOTTIME, in a
//     timer of its own: it passes through no loop, and no message is needed to lose a hold.
//   - L4 (the client's half) A cached read looks up entry, cache incarnation and deadline as
//     one, and only then reads the clock. It happens in the caller's goroutine.
//   - C6 (the client's half) What was set aside comes back after the master has confirmed it.
//   - C1 (the client's half) The context of a hold is done before anything that gives the lock
//     back is sent.
//   - C8 A context that ends returns at once, with no server in reach too; a waiter whose
//     session has ended gets ErrSessionExpired at once.
//   - C9 (the client's half) A watch that is not read fast enough is told to forget what it had
//     (resync); it never slows the reading of its session.
//   - B1 (the client's half) What a server sends is decoded and checked at the door; nonsense
//     closes that connection and nothing else.
//
// Goroutines live here: one reader for each link, which dials it too. A session's loop has none of its own:
// who has something for it takes a turn himself.
package client
