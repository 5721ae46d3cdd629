// Package steps is what the recipes do, call after call: each is a function of what was read, written
// once over a small port of session calls. Package recipe drives it with a real session and a context;
// the simulator drives it with a simulated one, call by call, and watches.
//
// A call of the port waits for its answer. Its error is the cell's, or says why nobody waits any more:
// then whatever is left to be put in order is done through Parting, or by the end of the session.
//
// It keeps:
//
//   - C7 (as its user) What is acknowledged happened once: no element of a queue is delivered after
//     its acknowledgement, no update is lost.
//   - C9 (as its user) Queues, barriers, groups, elections, plans and assigners follow the events and
//     read no list again; a resync makes them forget and begin anew. What one has done itself since the
//     view that the resync shows was taken, it does not forget.
package steps
