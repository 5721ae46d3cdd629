// Package cache is the client's end of the coherence protocol: what a session may serve without
// asking the master. The master's end is cache/directory.
//
// It keeps:
//
//   - C6 Only the answer to a registered read fills the cache, and whatever empties an entry
//     (an invalidation, a new incarnation, an Attach) also spoils the reads of it that are on
//     their way: each read takes a Ticket before it is sent, and an answer whose ticket is
//     older than what hit its name fills nothing.
//   - C6 What was set aside (before an Attach, in jeopardy, by a new incarnation) is served again
//     only after the master has registered the session anew and then found Instance, Zxid, checksum
//     and children generation, or the absence, as they were. Many entries are claimed in one question.
//   - C10 (its half) A new incarnation means that the master forgot what it had registered: nothing
//     from before is served in the new one unless it was revalidated there.
//   - C4 (its half) In jeopardy the cache is set aside: it serves nothing.
//   - L4 (its half) One Look gives the entry and the deadline of the incarnation it was filled
//     in; the caller reads its clock after that, never before.
//   - Z14 (its half) Contents that differ from the checksum and size of their Stat, out of a tree that has
//     rotted, fill nothing; and what is claimed again is claimed with its checksum.
//   - B2 Bytes are bounded; the least recently used go first.
//
// Absence is cached as a fact about the deepest ancestor that exists: whatever invalidates that
// ancestor invalidates the absences that rest on it.
//
// The package is pure. Its owner holds a lock: any number may Look at a time, everything else is
// done alone.
package cache
