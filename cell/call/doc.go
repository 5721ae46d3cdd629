// Package call is what clients and masters say to each other: one struct per message, each of
// which can say why it is nonsense (B1, B5).
//
// A stream carries one conversation. The client speaks first: Hello, answered by Welcome.
// Then either CreateSession or Attach makes it the session's newest stream, or it stays
// without a session and carries Query and Locate only. On a session's stream the client sends
// Call (a mutation, numbered, applied once: C7), Query (a read), KeepAlive and Flushed; the
// master sends CallReply, QueryReply, KeepAliveReply, Invalidate, Granted, Taken, Dropped,
// Events and Ended, in one order but for KeepAliveReply, which may overtake. Quit is the last word
// of an ended session's client.
//
// A Txn is several changes as one: its parts are ops too, and checks.
//
// The ops of Call are the same structs that the replicated tree applies.
package call
