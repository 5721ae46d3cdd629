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
//   - Z9 (its half) Any error of the disk ends the replica with a clear line.
//   - Z10 (its half) The log's goroutine does one operation after the other: what an old role
//     asked for is done before anything a new one asks for.
//   - Z11 (its half) A start is counted, and the incarnation made at the first one, before
//     anything is answered; the directory must be of this cell and this replica.
//   - B1 (its half) A frame that is no message ends its stream with a named error, logged at
//     most once a second.
//   - B4 /livez tells only whether the loop turns; /readyz tells whether this replica serves.
package host
