// Package lock is what only the master keeps of locks: when the lock-delays in progress are
// over. Which there are, and what happens then, is the replicated tree's to say.
//
// It keeps:
//
//   - C3 (its half) A lock whose holder was lost stays taken for its lock-delay; a new master
//     starts each one anew in full: late, never early.
//   - L8 (its half) Ends of lock-delays are handed out a bounded number at a time.
package lock
