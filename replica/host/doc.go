// Package host runs one replica on a real disk, a real clock and real sockets, or on those of a
// test: thin loops at the edge that feed replica.Step and carry its effects out.
//
// The loop drains its inbox, reads the clock, calls Step and hands out what it wants done; it
// makes no call that waits for a disk or a socket. Beside it run one goroutine for the log,
// one for each snapshot that is written or moved, a reader for each stream, and the writers of
// cell/conn.
//
// It keeps:
//
//   - L4 (its half) The clock is read after the inbox was drained, never before.
//   - L9 (its half) A clean stop returns when another replica leads, or none can.
//   - Z7 (its half) A snapshot is taken in whole, verified, beside the directory's own; what breaks
//     midway leaves nothing.
//   - Z9 (its half) Any error of the disk ends the replica with a clear line, and closes what its
//     peers and clients had open.
//   - Z10 (its half) The log's goroutine does one operation after the other: what an old role
//     asked for is done before anything a new one asks for.
//   - Z11 (its half) A start is counted, and the incarnation made at the first one, before
//     anything is answered; the directory must be of this cell and this replica.
//     A directory without a birth record asks the other replicas whose it is, and is a learner.
//     Peers of another cell are refused by name and id.
//   - Z15 (its half) Links are kept with the members of the lists in force, wherever those say they
//     are; a replica that nobody dials any more dials by itself, and hears why. Names in addresses
//     are looked up anew at each dial.
//   - B1 (its half) A frame that is no message ends its stream with a named error, logged at
//     most once a second. What waits is bounded: inputs of clients and peers, outboxes, log lines.
//     Large frames are taken from who has a session, or is a replica of this cell.
//   - B2 (its half) Connections to the HTTP port are bounded: the oldest that waits for nothing gives way.
//   - B3 (its half) A turn of the loop takes no more than so many inputs of one stream. The room left on
//     the disk is looked at now and then, for the pongs.
//     The audit is written by a goroutine of its own; lines that it cannot keep up with are counted, and
//     said in the file.
//   - B5 (its half) Of which transaction a replica died is noted in its directory, and none is started on
//     that again before somebody has removed the note.
//   - Z14 (its half) A snapshot that cannot be made because memory has rotted is told to the replica; while
//     no quorum agrees no old one is removed.
//   - B4 /livez tells only whether the loop turns; /readyz tells whether this replica serves.
package host
