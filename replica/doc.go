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
//   - Z14 (its half) A marker goes through the log first in each mastership, every 1,024 transactions and
//     in an idle cell every ten seconds; it carries no digest of its own. There, and at the first
//     transaction of each epoch, every replica takes the digest of its tree, a stretch of it read anew
//     from memory (tree.Reread), and reports it with its next ack. What a quorum reports alike is right,
//     whatever the master has, and goes into the next marker, which is hastened where somebody differs:
//     each replica compares. Who differs is counted by its master no more from the report on, and by
//     itself from the marker on, durably; it answers nobody, and applies and makes nothing until a
//     snapshot of a master that agreed has replaced its tree. A master that differs gives the mastership
//     up first. A tree that is found damaged when a snapshot is made of it is in quarantine too. When no
//     quorum has reported alike for ten seconds the next marker says so: every replica raises the alarm,
//     and no snapshot and no log goes. A log goes only behind a point at which this tree was a quorum's.
//   - Z16 (its half) A cell is born with the highest format that every member knows, and rises to a
//     higher one by a transaction when every member of the lists in force has said, on the link that
//     stands, that it knows it.
//   - Z17 (its half) Only the tree's own settings reach the master and the core once the cell
//     is born; the file's are used by the first transaction.
//   - B1 (its half) A read that is denied here stands in this replica's audit.
//   - B3 (its half) What a replica answers by itself has the same rates as what a master answers, counted at
//     each replica.
//   - B5 (its half) A replica that dies in Apply names the transaction, so that its host remembers it.
package replica
