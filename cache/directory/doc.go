// Package directory is the master's half of the coherence protocol: its record of who may cache
// what, and the rounds in which cachers give names up before a write is proposed. The other
// half is package cache, in the client.
//
// A cacher is a session with a cache lease. It registers a name before the value is read, and
// loses the registration in the round of a write to that name: it then owes an ack. A round is
// over when everybody who owed has acked, attached anew, or let the cache lease run out; its
// names stay uncachable until the caller closes it, when the write has been applied.
//
// It keeps:
//
//   - C5 (its half) A new mastership knows nothing of what was cached under the old one: every
//     session the tree calls caching, ended ones too, counts as cacher of everything until it
//     has attached in this epoch or one full cache lease has passed.
//   - C6 (its half) A cacher is registered before the value is read, and every registered
//     session, the writer's own included, is invalidated before the write is proposed. An
//     attach empties: it acks all that was owed and drops every registration. The round of a write that
//     changes what an ACL lists is one of everything: every cacher is in it, and nothing is cachable.
//   - C10 A silent cacher holds writers up once, for at most its cache lease. Who owes an ack,
//     of an invalidation or of a new incarnation, is granted no cache lease. Who lapsed is
//     dropped whole and named in Effects.Lapses; if a round had to wait for it, it fills no
//     cache for ten cache leases.
//   - C11 (its half) A name is uncachable while any open round covers it; a session leaves the
//     directory by ack or lapse only.
//   - L1 (its half) The full length of a cache lease is counted from when it is granted.
//
// Deadlines of cache leases are never shifted, whatever the lateness of the caller (L7).
package directory
