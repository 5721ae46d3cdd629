// Package conn is the only door to the network: framed, ordered, guarded connections. One TCP
// connection, optionally under TLS, carries one yamux session; the side that dialed opens
// streams on it; a stream carries frames of cell/wire, in order, both ways. Connections between
// replicas are the same with other Options. What frames mean is not known here.
//
// Between yamux and the socket sits a guard. Outwards it takes what all streams of the connection
// have to say straight from their outboxes, as much as their windows allow, puts it into yamux's
// frames, and sends it in one write, together with what yamux itself has to say. Inwards it reads
// along, and ends the connection before yamux sees what could cost memory or goroutines without
// bound. Whatever goes wrong with a connection ends it, with a named error, logged once.
//
// Who accepts a client sends it frames larger than 16 KiB in pieces of that size. What is urgent, the answer
// to a KeepAlive, goes between two pieces: it waits for no more than what has been handed to the kernel, at
// most a window of 256 KiB, never for the rest of a long reply.
//
// It keeps:
//
//   - B1 From the other side: garbage, truncated or oversize frames, floods of pings, streams or
//     frames for streams that are not there, a peer that takes no bytes, a thousand half-open
//     connections: that connection is closed with a named error, logged once (and no more than
//     so many lines a second for all), memory stays bounded, nobody else notices. A stranger, who
//     has not been trusted yet, sends no frame over 16 KiB.
//   - B2 (its part) Connections, half-open ones, streams, frames and outboxes have a limit each, and
//     begun large frames and outboxes one for all together; an outbox over its limit ends its stream,
//     never drops a message out of the middle.
//   - B5 (its part) Nothing that comes from outside trips an assertion.
//   - L2 (its part) Timeouts here find dead connections and decide nothing: no lease, session or
//     lock depends on one.
//
// An idle accepted connection costs no goroutine of this package, no buffer and no timer: a Listener
// looks at all of its connections from time to time, and whoever receives may rest (Stream.Rest) until there
// is something to receive. The side that dialed pings where nothing else is
// said and answered.
package conn
