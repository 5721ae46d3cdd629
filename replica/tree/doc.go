// Package tree is the replicated namespace: nodes, locks with their queues, sessions with the
// records of their calls, members, and the history of changes.
//
// Apply decides every outcome. Plan is the master's look ahead. Check walks the whole tree.
// Freeze gives an immutable view, of which a snapshot is made, and DecodeTree reads it back. There may be
// millions of nodes: in memory they are packed, side by side (packnode.go and package packed).
//
// The rules it keeps:
//
//   - C1 A node whose lock is taken, in lock-delay or held by another session is not deleted, by
//     no path; a holder's own delete ends its hold first, and who waits is told. Only its owner
//     locks an ephemeral, without lock-delay. A taken hold (broken, session killed, MaxHold) fails
//     every check from that transaction on, and keeps its place in the lock until it is given
//     back, or its session's lease has ended and then its lock-delay.
//   - C2 A token is the zxid of the grant, so tokens grow over the whole cell. Within one
//     transaction all endings come before any grant, so a lock passes at most once per zxid.
//     IfHeld is decided here, against what holds at that point of the history.
//   - C3 A clean release frees a lock at once; a hold lost with its session keeps it for its
//     lock-delay, that of a shared hold against exclusive ones only. Delays outlive fail-overs:
//     the tree has them all, as lengths.
//   - L3, L6 Lengths and limits are changed as one transaction; beside them stands which leases may
//     still be running, never less than is granted.
//   - C7 A session's call is applied once: a number above its last is taken, a recorded one is
//     answered from its record, any other refused. Opening a session with the same key again
//     gives the same session.
//   - C9 The history has every change in order, with its contents, or says that it fell off.
//   - C11 A transaction that would change a name it does not carry is refused; what Apply has
//     changed is asserted against what it carried. A session is marked as ended first, and its
//     ephemerals follow in bounded transactions. A killed one is kept until its holds are gone.
//     Several changes that a client asks for as one (call.Txn) are decided together, carry the
//     names of all, and are made all or not at all.
//     What goes by itself (containers, times-to-live) goes when the master says so, and only if it
//     still stands as the master saw it. How old it is, the cell's Age tells every later master.
//   - B1 A transaction names the principal it is asked for by, which is that of its session. Permit
//     decides who may do what, for every op, part and question, by one table: at its zxid here, and
//     where an answer or an event leaves at the master and the replicas.
//   - C6 (its half) Which transactions change what an ACL lists is said by the names they carry. What was
//     read stands, whatever becomes of the tree.
//   - B2 Limits are values in the tree; over one is an error that names it and the size. So are quotas of
//     subtrees, which count nodes and bytes at a name and below exactly, whatever makes and deletes them.
//   - B5 Nothing in a payload trips an assertion: Decode bounds it, nonsense is refused the same
//     way everywhere. Assertions are for our own invariants.
//   - Z14 Digest is equal on replicas that have applied the same history: it counts what was put into
//     the tree. Reread hashes a bounded stretch of what memory has now, with the indexes that lead to
//     it; where the next one begins stands in the next Marker, so that all replicas read the same, and
//     each round of stretches reads everything. A snapshot is not made of a tree that has rotted.
//   - Z16 A payload with an unknown kind or field is never skipped: it gives Fatal, as does a Raise to a
//     format that this version does not know. The digest is part of the format.
//   - Z17 Apply reads the tree and the transaction, nothing else: no clock, file or setting.
package tree
