// Package fence is the resource server's side of a sequencer: a Guard refuses what comes from a
// hold that has been overtaken, however late it comes: from a process that was paused, over a
// slow network, under a clock that had stopped. It needs no session and asks nobody.
//
// Which lock protects a resource is the server's to know: it compares the sequencer's Name and
// then asks the Guard. A sequencer is no secret and no signature: who may speak to the server at
// all is decided before.
//
// It keeps:
//
//   - C2 A stale sequencer is refused by a resource for ever after it has seen a newer
//     conflicting one: an exclusive token below any token seen, a shared one below the highest
//     exclusive token seen.
//   - B2 Memory is bounded. What is forgotten is forgotten safely: tokens grow over the whole
//     cell, so a Guard that drops a resource refuses, for every resource it does not know, what
//     it would have refused there.
//   - B5 Nothing that comes from outside trips an assertion: what is no sequencer is ErrUsage.
//
// A Guard keeps its marks in memory. The examples show one that keeps them in a file, so that
// a restarted server remembers, and an http.Handler that asks a Guard before it does anything.
package fence
