// Package model holds three formal models of the agreement, in Promela, checked exhaustively by
// spin within the bounds below. They are small on purpose: each leaves out what another one, the
// simulator or a script is for, and each can be made wrong in the way of a rule, whereupon spin
// must find a counter-example. The tests of this package are those runs.
//
//	go test ./tools/model -v          needs spin and a C compiler; skips without them
//
// # zab.pml: one history (Z1, Z3, Z4, Z5, Z6, Z8)
//
// Three replicas, three epochs, two proposals, any number of crashes and breaks. Each durable step
// is a step of the model. It checks that what is committed stays so and is the same everywhere,
// that every later leader has it, and that an epoch has one leader.
//
//	offer             a candidate's new epoch, durable at itself first      zab: chooseEpoch
//	join              the voter's durable promise; who is ahead of a         heardAckEpoch, gather
//	                  leader without a quorum makes it give way
//	truncate, diff    to the last common record, then the rest              zab/stream.go: the stream's base
//	newEpoch          history durable, then currentEpoch, then the ack      zab/following.go
//	ackNewLeader, ack what the leader has heard of it                       heardAckNewLeader, heardDurable
//	Replica           a leader commits what was before, then proposes       synchronize, begin, advance
//
// Left out: messages in flight (a sender that has gone on can only make its message useless),
// snapshots (a SNAP is a TRUNC to nothing and a DIFF), unsynced tails, learners, member lists.
//
// # mastership.pml: one master per instant (L1, L3, L9, Z4)
//
// Three voters, three epochs, two crashes, discrete time without end (nothing is kept but
// countdowns), one tick of drift. It checks that never two replicas may believe that they hold the
// mastership.
//
//	Voter: stand, accept   promises bind a voter and a candidate          zab/promise.go, lease.Mastership
//	sendPing, answer, hear from the ping's sending on, at the master      zab/mastership.go; lease.Claim
//	restart                the longest promise ever given, in full        zab: the hard state's longest promise
//
// Left out: giving a mastership up (it only shortens), logs, two quorums.
//
// # cache.pml: no stale cached read (C5, C6, C10, C11, L1)
//
// One node, one caching client, two writes by others, one fail-over, one tick of drift. Streams
// keep their order and delay as they like; KeepAlive answers overtake. It checks at each cached
// read that the value is the last one applied.
//
//	Master   registers before it reads, invalidates before it applies,    master, cache/directory
//	         grants no cache lease to who owes an acknowledgement
//	Client   fills, empties, acknowledges, attaches anew                  cache, client/session
//
// Left out: several nodes and clients (rounds are per node, lapses per client), revalidation,
// jeopardy, and that there is one master only, which mastership.pml shows.
package model
