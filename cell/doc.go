// Package cell holds the words everybody uses, and the one list of errors.
//
// # Glossary
//
//   - cell: three, five or seven replicas (one for trials) that agree on one namespace.
//   - replica: one member process; it is master, follower, learner, looking or quarantined.
//   - learner: a replica without a vote: new, emptied, or not yet bound to its id.
//   - incarnation: the random number a data directory got at its first start.
//   - member: an entry of the replicated list that binds a replica id to an incarnation.
//   - epoch: the number of a Zab epoch. A mastership is named by the epoch in which it began.
//   - zxid: a transaction's number: epoch in the high 32 bits, counter in the low 32.
//   - index: the dense position of a transaction in the history, from 1; never restarts.
//   - proposal: a transaction on its way to a quorum.
//   - quorum: a majority of the voters.
//   - promise: a voter's word to accept no epoch of another replica for a while.
//   - mastership: what the master holds while a quorum's promises last.
//   - node: a name with contents that may have children; every node is also a lock.
//   - instance: one life of a name, from creation to deletion; the zxid of the creation.
//   - content generation: counts the writes of one instance, from 1.
//   - children generation: counts the changes of one instance's child list, from 0.
//   - transaction: one step of the history, with one zxid; a client's Txn is one of several parts.
//   - ephemeral: a node that lives as long as the session that made it.
//   - container: a node that goes by itself when its last child has gone.
//   - time-to-live: a node that has one goes by itself when it has not been changed for so long.
//   - principal: who somebody is, by a certificate; anonymous without one.
//   - ACL: a list of principals, a node below /ls/CELL/acl. Each node names three: who may read it,
//     write it, and change these names.
//   - administrator: whom the ACL admin lists, or else the birth record names; may do everything.
//   - session: a client's leased relation with the cell, kept alive by KeepAlives.
//   - jeopardy: the client's lease has run out by its own clock; nothing is decided yet.
//   - grace period: how long a session in jeopardy looks for a master before it is Expired.
//   - handle: an open node instance.
//   - check digits: what in a handle only a master of the cell can have made.
//   - hold: a lock being held, shared or exclusive.
//   - silent: a session without a parked KeepAlive for half of its lease; that is logged, with the
//     rest of its lease, and it is granted nothing until it is logged that it is heard again.
//   - settings: the cell's lengths and limits, in the tree; what is granted may be running longer.
//   - taken: a hold is taken when it is broken, its session killed, or its MaxHold over; its lock
//     goes to the next when the holder's client has acknowledged that.
//   - Margin: how long what a hold protected may go on after the end of its context.
//   - history of a lock: who held it before, and how each of those holds ended.
//   - waiter: an acquire that stands in a lock's queue.
//   - sequencer: proof of a hold; its token is the zxid of the grant.
//   - lock-delay: how long a lock stays taken after its holder's session expired.
//   - cacher: a session that may cache a name.
//   - round: the invalidation of one write at every cacher, before it is proposed.
//   - set aside: kept in a cache and not served, until the master has confirmed that it holds.
//   - claim: what a cache says of one entry that was set aside, to have it confirmed.
//   - incarnation of a cache: a number that changes when the master forgot what a client caches.
//   - view: an immutable picture of the whole tree at one zxid.
//
// The package is pure: values, parsers and errors. It uses time.Time and time.Duration as
// values only.
package cell
