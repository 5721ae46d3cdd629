// Package run is the COMMAND runner of cellctl: a program that lives only while a lock, a
// leadership or an ephemeral node is held. It is one piece of code for every subcommand that
// takes a COMMAND.
//
// What it keeps:
//
//   - C1, seen from the shell: COMMAND and everything it started in its process group is gone
//     before Run returns, so the caller releases the lock only after the last of them. When the
//     hold ends first, the group gets TERM at once and KILL a kill-after later; the kill-after is
//     the hold's Margin, so nobody else has the lock before that.
//   - L2: a timer is only a hint. After a stop (Ctrl-Z) the deadline of the hold is compared with
//     the clock before COMMAND may go on.
//
// What it cannot keep: a machine, or a cellctl, that gets no CPU kills nobody; only what checks
// the sequencer is safe then. The parent-death signal reaches COMMAND itself, not its children,
// and Linux forgets it when COMMAND executes a set-user-id program. A process that leaves the
// group is no longer COMMAND's: a daemon does (setsid), and so does each job of an interactive
// shell.
package run
