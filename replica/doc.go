// Package replica is one whole replica as a pure machine: the replication core, the replicated
// tree and, while this replica is elected, a master. Step takes what came in and the time, and
// lists what the outside must now do. It owns no goroutine, lock, clock, disk or socket.
//
// Step is the journey of a write, stations 3 to 8 (the client is 1, 2 and 9):
//
//	3 master/session   gate: epoch, newest stream, alive, seen this call number?
//	4 cache/directory  invalidates every cacher of a name the transaction carries
//	5 replica/zab      proposal, durable at a quorum
//	6 replica/tree     Apply decides
//	7 cache/directory  closes the round
//	8 master/session   reply, events, grants
//
// It keeps:
//
//   - L4 A read is answered if lease and epoch hold at a clock reading taken after the request
//     came in: Step's now is read by the host after it has drained its inbox, and the tree that
//     answers is never older than that.
//   - C6 (its half) Any replica answers reads from what it has applied, no older than what their
//     client has seen; nothing of that may be cached. One that is not synchronized (Z6) answers none.
//   - Z9 (its half) A record that Apply cannot take, and any failure of the disk, end the
//     replica with a clear line.
//   - Z11 (its half) A master logs a new directory for an id whose old one is silent, once the new
//     one has caught up.
//   - Z15 (its half) A member is replaced by one transaction, one at a time, proposed when the newcomer
//     has caught up and enough members would serve; refused with the reason, or waited for, before. A
//     master that is to be replaced hands over first. The tree's list outranks the file's; that
//     they differ is one warning with both.
//   - Z12 (its half) Snapshots are taken by themselves when the log has grown, by the replicas
//     in turn, the master last; the log goes only behind the oldest snapshot kept.
//   - Z17 (its half) Only the tree's own settings reach the master and the core once the cell
//     is born; the file's are used by the first transaction.
package replica
