// Package session is the client's session as a pure machine: it finds the master, attaches,
// keeps the session alive, numbers and resends calls, keeps holds and watches, and says what to
// do as effects. Its host (package client, or the simulator) owns sockets, clock, cache and
// callers; it hands in one Input at a time and carries out what one Step put into Out, in the
// order that Out documents.
//
// It keeps:
//
//   - L1 Every deadline counts from the instant at which the request was sent that the answer
//     names: send + (parked + length)/(1+drift), less a margin; never from the receive time.
//   - C1 (the client's half) A hold lives until the local end of the session lease +
//     lock-delay/(1+drift) − Margin, and never outlasts Expired; one that would be over is not
//     handed to its caller before the lease is renewed. Its context ends first, the
//     release is sent afterwards, and not before the Margin is over. The session's own Delete of
//     the node ends it, and its Margin passes, before the Delete is sent. A hold that the cell has
//     taken ends at once and is given back in the same way, in jeopardy too; a killed session says
//     that its holds are over when their Margins are.
//   - C3 (its half) A clean release is a call like any other and frees the lock at once.
//   - C4 In jeopardy the cache is off and calls wait; holds live as long as their lock-delay
//     covers it. What ended meanwhile is released before anything new is asked. After the grace
//     period every handle fails alike: the session has lost a suffix of its operations, never
//     one in the middle.
//   - C5 (its half) An Attach names the mastership epoch; one refused with another epoch is
//     sent again with the right one.
//   - C6 (its half) The cache is set aside before an Attach is sent; what an older stream or
//     mastership still brings is dropped; a Flushed follows what it acknowledges.
//   - C7 Calls are numbered, resent in order with the same number until answered, at most
//     Limits.Unacked of them, and no more than the cell has room to record; the acked mark goes with
//     every call. NotApplied is said only when every sending was refused before it was proposed, or
//     its number has been refused for good. A cancelled acquire is released when its answer comes.
//     What met ErrConflict gets a new number and so comes behind calls that were sent while it was
//     on its way; one that is asked for after it has returned comes after it.
//   - C8 A waiter whose session ends gets ErrSessionExpired at once; a grant is handed over only
//     while Connected; a cancelled call is over at once.
//   - C9 (its half) A watch goes on behind the last change it delivered, after an Attach too, and
//     is asked for before anything whose answer is newer; one whose reader fell behind begins anew with resync.
//   - B3 (its half) What an overloaded master refuses is sent again when it said, not before.
//   - B5 (its half) Nothing a server sends trips an assertion: nonsense ends that link.
//
// There is no clock, goroutine or socket here, and no order that comes from a map.
package session
