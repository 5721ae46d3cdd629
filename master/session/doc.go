// Package session is what only the master keeps of sessions: until when each is alive, its
// newest stream, its parked KeepAlive, which of its calls are on their way, and its watches.
// What a session is, holds and owns stands in the replicated tree.
//
// It keeps:
//
//   - C1 (its half) Who owes the acknowledgement of a hold that was taken for longer than its
//     Margin is renewed no more. A killed session that has holds left keeps its deadline.
//   - C7 (its half) Call numbers are taken in their order: a number beyond the next waits for
//     the one before it to be sent again, one on its way is taken once, and none is taken
//     behind a refusal that its client may not have heard.
//   - C9 (its half) A change finds every watch it concerns, each once, in the order in which
//     they were asked for.
//   - L1 (its half) A lease counts in full from when it is granted; a client counts from when it
//     sent the KeepAlive that is answered, so what is said is how long it was parked.
//   - L5 (its half) A session whose end is proposed keeps its KeepAlive parked.
//   - L6 (its half) Who has no KeepAlive parked for half of its lease is silent; from then on it is
//     granted nothing until it is heard again.
//   - L7 Nothing expires because we were slow: lateness and a lapse of the mastership move
//     every session's deadline, once for the same stretch of time, and nobody expires in the
//     second after. Any traffic is a sign of life.
//   - L8 Expiry is found without scans, a bounded number at a time.
//   - C10 (its half) A KeepAlive parked on a stream that is down, or that a newer stream has
//     replaced, renews nothing.
package session
