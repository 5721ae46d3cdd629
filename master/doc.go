// Package master is what only the master does: it admits what clients ask, has their caches
// invalidated, proposes, and answers; it keeps sessions alive and ends them; it takes over
// where another master ended.
//
// A mutation's journey is a write with a Station: Admitted, Invalidating, Proposed, Decided. Its
// outcome is decided in the replicated tree, from the log, and nowhere else; what the gate
// refuses is a courtesy. Reads are answered from the tree at once.
//
// It keeps:
//
//   - Z8 (its half) Its first transaction is one of its own epoch; before that has been applied
//     it reads and answers nothing.
//   - L4 A read is answered if the mastership lease holds at a clock reading taken after the
//     request came in: Step is handed Now and the lease, read after the inbox was drained.
//   - L5 Expiry is a transaction; without a valid lease nobody is expired and no KeepAlive is
//     answered. A KeepAlive that races a proposed end waits for its outcome.
//   - L3 (its half) A shorter lease is granted at once, and logged when the longer ones have ended.
//   - L6 A new master gives each session the longest lease that may be running, as logged: raised
//     before more is granted, lowered when all that is longer has ended. A session that has been
//     silent for half of its lease is logged so, with the rest, and gets that rest instead; from
//     the proposal on it is granted nothing until "heard again" is committed. Under load leases
//     become longer.
//   - L7 Lateness and a lapse of the mastership lease move every session's deadline.
//   - L8 Expiries, reapings and ends of lock-delays are batched and bounded, and so are the answers
//     to KeepAlives, many of which come due together; no Step does more than a set amount of work.
//   - C1 (its half) Ephemerals of an ended session go in transactions of their own. The holder of
//     a hold that was taken is told, and renewed no more when it owes the acknowledgement for
//     longer than its Margin; what a killed session holds comes free when its client says that
//     it is over, or its lease has ended. MaxHold is counted here, from the grant.
//   - C3 (its half) Lock-delays are counted here, and restarted in full by a new master.
//   - C5 A fail-over is one value, a Stage, with one dispatcher: Rebuilding, when only the master's
//     location is told; Attaching, when KeepAlives, reads, locks and new sessions are served, and what
//     changes a node waits; Serving. Lapsed comes between while the mastership lease does not
//     hold. After a fail-over an Attach names the mastership epoch; every session logged as caching
//     counts as cacher of everything until it has attached or one cache lease has passed. Before a
//     planned hand-over those that cache nothing are logged so, and from that proposal on given
//     nothing to cache before they are marked anew: nobody waits for them.
//   - C6 A cacher is registered before the value is read, or compared with what the cache claims;
//     every cacher of a name is invalidated before a write to it is proposed; those of all nodes
//     of a transaction in one round; those of everything before an ACL's contents change.
//   - C7 A session's mutations are proposed in the order of their numbers, none while an earlier
//     one waits in a round; a recorded one is answered from its record.
//     An acquire that would only queue is proposed with the next transaction, in front of it, or by
//     itself after 2 ms, or at once when its lock comes free: so a lock passes on with one commit.
//   - C8 (its half) Grants and drops of waiters are pushed to the session's newest stream.
//   - C9 Watches get every change in zxid order, before any newer data: while one of a session's
//     watches is catching up, its answers wait; and none goes on a stream on which the client has
//     not asked for it. Who falls behind a limit gets a resync, counted.
//   - C10 Whose silence stalled a writer is named in the log, with the node and how long.
//   - C11 A transaction carries every name it may change; its names stay uncachable until it has
//     been applied; an ended session's ephemerals follow in bounded transactions with a round
//     each, and its record goes only when it is nobody's cacher and nobody's holder any more. Its
//     calls are refused, its acknowledgements are not. Containers without children, and nodes
//     whose time-to-live is over, go in such transactions too. A time-to-live is counted by the
//     cell's age, which is logged from time to time: late, never early, and on through fail-overs.
//   - C2 (its half) What shows a sequencer is answered only while that hold stands.
//   - B1 What a principal may not ask is refused at the door, and opens no round; answers, events and
//     what comes back into a cache are decided when they leave. A node that a watch's principal may
//     not read is not there for it; where that changes the watch begins anew.
//   - B1 With an audit each deed is noted once: what is applied on every replica alike, what is refused or
//     denied before at the master, with who asked.
//   - B1 A handle shows by its check digits that it was given to this session for this instance and
//     this use, by a master of this cell; nobody else can make one.
//   - B3 (its half) What a session asks for in a second, and what all of a principal do, is bounded, in
//     number and bytes; over it the answer is ErrOverloaded and when to come again, to the offender only.
//     KeepAlives and acks are never refused. Who does not listen is not read from for a while. Going and
//     coming back begins no new account.
//   - B3 (its half) While no quorum has a GiB left on its disks what grows the tree is refused
//     (ErrNoSpace), before it is proposed; KeepAlives, new sessions, releases, deletes and
//     expiries go on.
//   - B1, B2, B5 Nonsense closes its stream with a named error; what is over a limit is a typed
//     refusal; the bytes that are proposed have been decoded with the code that Apply uses.
package master
