// Package zab is the agreement of the replicas on one history: election, discovery of an epoch,
// synchronization, broadcast, and the mastership lease over them. Payloads are opaque bytes.
//
// A Core is state; Step hands it one input at an instant of its own clock and collects what is to
// be done. The disk is a peer that answers in order; links are FIFO and have numbers; what cannot
// happen yet is not called back later but looked at again in each Step: a follower's epoch goes
// offer → accepted → naming → named (following.go), a leader's gathering → … → broadcasting
// (leading.go), and what a leader knows of a follower stands in one struct (stream.go).
//
// It keeps:
//
//   - Z1 History durable, then currentEpoch durable, then the ack: one path (nameLeader). Two
//     epochs are kept: the accepted one, and to whom; and the one whose history this is. Memory
//     believes what the disk has answered for, never what it was asked.
//   - Z2 Every mark that leaves this replica is the end of its durable log.
//   - Z3 Elections rank (currentEpoch, last zxid, id) and are a hint. (Among equal histories one
//     that has just resigned ranks below the others.) A leader gives way to a voter ahead of it
//     until its quorum is complete; who comes later is truncated.
//   - Z4 A new epoch is above every accepted one of a quorum, its leader's own included, and is
//     durable at its leader before it is sent; it is acked again to the same leader, never to
//     another. Answers count once per replica. The candidate's own promise binds it.
//   - Z5 Synchronization finds the last common record by the tables of epochs: DIFF from there,
//     after TRUNC to it; SNAP where the tables prove nothing, or the follower's snapshot or the
//     leader's log does not reach. Gaps are looked for at both ends.
//   - Z6 A follower's stream is a cursor into the leader's log. Proposals are acked after
//     NewLeader only, and counted after its ack only; a learner is sent the same and counts in
//     nothing. Nothing is delivered before UpToDate, and only what is committed and durable; and
//     how far it is committed a follower is told no further than its leader itself delivers.
//   - Z7 A break of the link, or of the role, ends a synchronization; what counts then is the
//     disk. After Snap a follower gets nothing but pings until SnapshotDurable.
//   - Z8 Leading is said when a quorum has acked NewLeader and everything earlier is delivered.
//     (That its first transaction is its own is the master's part.)
//   - Z10 A replica reports no rank, and follows nobody, before the disk has answered everything
//     that its old role had asked for.
//   - Z11 Hello carries incarnation, boot counter and standing. Birth needs every configured
//     replica without a history and of one mind about who is who; else learner, until a durable
//     record binds this directory. Its first epoch a voter by birth promises when all are voters of one
//     mind, one of that mind has promised, or a committed list has named one. A birth that was agreed on
//     survives the loss of a disk before the first committed list: a voter that has accepted an epoch
//     remembers who took part in it, and whoever did has its vote. A directory takes the id of another
//     only while that one is silent, and has caught up; as long as the old one answers it is refused.
//     Standing, Begun and the boot counters seen are durable before an answer rests on them. A lower boot
//     counter is refused, and who is told so remembers it durably and never starts again; refused, too, is a
//     voter whose id a committed list gives to another directory.
//   - Z13 A full counter, or a follower who has accepted a later epoch, makes the sitting leader
//     open the next epoch by the ordinary way; the lease runs on and proposals wait, in order.
//   - Z14 (its half) What the machine above reports about its state goes with acks, and comes out at the
//     leader; what it means is not known here. Who is in quarantine, by its own word or by its leader's,
//     counts in no quorum: election, epoch, NewLeader, commit, lease. It asks its leader to be made anew,
//     and gets a new snapshot as soon as that one's own state is known to be a quorum's. Quarantine is
//     durable, and ends with that snapshot only.
//   - Z15 (its half) A replica obeys the newest list in its log, backwards too after TRUNC. While
//     that one is not known committed, elections, leases and commits need both quorums, whoever it
//     removes votes and may lead, and no second change goes into the log; so a later list in a log
//     proves the one before it committed. Who asks to lead by a later list is followed by those who
//     lack it, by the newcomer too that the list binds and whose log lacks it: in discovery its word
//     counts already (elects), in all that follows when the list is on its disk. So a member may die
//     for good between the logging of a list and its arrival. A replica in no list is a learner,
//     brought up to date like any other. Who was removed is needed until a quorum of its successors
//     durably knows the list as committed; then the leader tells it, it remembers that for good, and
//     ends; a leader that was removed resigns first.
//   - Z16 (its half) Hello says the highest format that a replica knows; one that does not know the cell's
//     is refused with the remedy.
//   - L3 (its half) The longest promise is durable before it is given; a restarted voter waits
//     for it, from when the life before was surely over, for everybody but the replica whose epoch it
//     accepted last.
//   - L9 A voter answers pings only in the epoch it has accepted, from the replica it accepted it
//     from. A master counts from when the pings were sent, and learners never; one whose own
//     append has waited two seconds, or who resigns, gives up first and then releases. Who hands
//     over waits until its history is committed and a voter has the whole of it, and names that voter, which
//     campaigns at once; the others wait for it when they hear of it first: a hint like every election (Z3).
//   - B1 (its half) What makes no sense costs the peer its link, and nobody else anything; what was said in
//     an older epoch, said again, changes nothing.
package zab
