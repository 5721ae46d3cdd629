/*
 * zab.pml: one history (rules Z1, Z3, Z4, Z5, Z6, Z8).
 *
 * Three replicas, EPOCHS epochs, TXNS proposals. Whenever it likes a replica forgets everything but
 * its disk and looks for a leader anew: that is a crash, a broken link and an impatient follower at
 * once, as often as the epochs allow; who is down is one that takes no step. A record is one byte, epoch * 4 + number of the proposal: its zxid and its
 * contents at once, for every proposal has a number of its own. Each durable step is a step of the
 * model, so a crash can fall between any two. What is in flight needs no channel: a sender that has
 * gone on can only make its message useless, and then it is as if it had been lost.
 *
 * Checked: what is committed stays so and is the same everywhere (durability, prefix consistency);
 * one leader an epoch.
 *
 * Wrong versions: -DEPOCH_FIRST (Z1: currentEpoch durable before the history), -DBY_LAST (Z5: the
 * synchronization looks at the follower's last zxid only, over epochs), -DEARLY_ACKS (Z6: proposals
 * are acked, and counted, before the ack of NEWLEADER).
 */
#define N 3
#ifndef EPOCHS
#define EPOCHS 3
#endif
#ifndef TXNS
#define TXNS 2
#endif
#define zxid(e, n) ((e) * 4 + (n))

mtype = { looking, gathering, leading, following };
mtype = { joined, early, synced, acked }; /* how far a follower's synchronization is */

/* durable */
byte acc[N];
byte accTo[N] = N;
byte cur[N];
typedef Log { byte rec[TXNS]; byte n };
Log log[N];

/* in memory */
mtype role[N] = looking;
mtype phase[N] = joined;
byte ldr[N] = N;
typedef Leader { bool discovered; bool newLeader[N]; byte acks[N]; byte commit };
Leader at[N];

byte proposed;

/* what only the checker knows */
byte committed[TXNS];
byte committedIn[TXNS]; /* the epoch that committed it first */
byte ncommitted;
byte led[EPOCHS + 1] = N;

#define last(i) (log[i].n == 0 -> 0 : log[i].rec[log[i].n - 1])
#define ahead(i, j) (cur[i] > cur[j] || (cur[i] == cur[j] && last(i) > last(j)))
#define follows(f, l) (role[f] == following && ldr[f] == l && acc[f] == acc[l] && (role[l] == gathering || role[l] == leading))
#define quorum(l) ((at[l].newLeader[0] + at[l].newLeader[1] + at[l].newLeader[2]) >= 2)
#define counted(l, k) ((at[l].acks[0] > k) + (at[l].acks[1] > k) + (at[l].acks[2] > k) >= 2)

#ifdef EPOCH_FIRST
#define BEFORE_DIFF early
#else
#define BEFORE_DIFF joined
#endif
#ifdef EARLY_ACKS
#define may_ack(f) (phase[f] == acked || phase[f] == synced)
#else
#define may_ack(f) (phase[f] == acked)
#endif
#ifdef BY_LAST
#define common(f, l) (last(f) <= last(l))
#else
#define common(f, l) (log[f].n <= log[l].n && \
	(log[f].n == 0 || log[f].rec[0] == log[l].rec[0]) && (log[f].n < 2 || log[f].rec[1] == log[l].rec[1]))
#endif

inline forget(a) {
	ldr[a] = N; phase[a] = joined;
	at[a].newLeader[0] = false; at[a].newLeader[1] = false; at[a].newLeader[2] = false;
	at[a].acks[0] = 0; at[a].acks[1] = 0; at[a].acks[2] = 0;
	at[a].commit = 0; at[a].discovered = false
}

/* What a leader commits: the next record of the one history, or one that is in it already. */
inline deliverNext(a) {
	x = at[a].commit;
	if
	:: x < ncommitted -> assert(committed[x] == log[a].rec[x])
	:: else -> committed[x] = log[a].rec[x]; ncommitted++;
		committedIn[x] = acc[a]
	fi;
	at[a].commit++; x = 0
}

/* What a follower may deliver: committed and durable in its own log. */
inline delivered(a, b) {
	x = 0;
	do
	:: x < log[a].n && x < at[b].commit -> assert(log[a].rec[x] == committed[x]); x++
	:: else -> break
	od;
	x = 0
}

/* A candidate has heard another voter's accepted epoch; its own new one is durable before it is told. */
inline offer(a, b) {
	d_step { role[a] == looking && acc[a] < EPOCHS && acc[b] < EPOCHS ->
		if
		:: acc[b] > acc[a] -> acc[a] = acc[b] + 1
		:: else -> acc[a] = acc[a] + 1
		fi;
		accTo[a] = a; forget(a); role[a] = gathering }
}

/* A voter promises the epoch, durably, and tells its history: who is ahead of a leader that has no
   quorum yet makes it give way. (With itself, one makes a quorum of three.) */
inline join(f, l) {
	d_step { role[f] == looking && (role[l] == gathering || role[l] == leading) &&
		(acc[f] < acc[l] || (acc[f] == acc[l] && accTo[f] == l)) ->
		acc[f] = acc[l]; accTo[f] = l;
		if
		:: ahead(f, l) && !at[l].discovered -> forget(l); role[l] = looking
		:: else -> role[f] = following; ldr[f] = l; phase[f] = joined;
			at[l].newLeader[f] = false; at[l].acks[f] = 0; at[l].discovered = true
		fi }
}

/* TRUNC to the last common record, durable by itself. */
inline truncate(f, l) {
	d_step { follows(f, l) && (phase[f] == joined || phase[f] == early) ->
#ifdef BY_LAST
		do
		:: log[f].n > 0 && last(f) > last(l) -> log[f].n--; log[f].rec[log[f].n] = 0
		:: else -> break
		od;
#else
		do
		:: log[f].n > 0 && (log[f].n > log[l].n || log[f].rec[log[f].n - 1] != log[l].rec[log[f].n - 1]) ->
			log[f].n--; log[f].rec[log[f].n] = 0
		:: else -> break
		od;
#endif
		x = 0 }
}

/* DIFF: the rest of the leader's log, durable. */
inline diff(f, l) {
	d_step { follows(f, l) && phase[f] == BEFORE_DIFF && common(f, l) ->
		x = 0;
		do
		:: x < log[l].n ->
#ifdef BY_LAST
			if
			:: log[l].rec[x] > last(f) && log[f].n < TXNS -> log[f].rec[log[f].n] = log[l].rec[x]; log[f].n++
			:: else
			fi;
#else
			if
			:: x >= log[f].n -> log[f].rec[x] = log[l].rec[x]; log[f].n++
			:: else
			fi;
#endif
			x++
		:: else -> break
		od;
		x = 0;
		phase[f] = (phase[f] == early -> acked : synced) }
}
/* currentEpoch durable, after the history, and then the ack of NEWLEADER. */
inline newEpoch(f, l) {
#ifdef EPOCH_FIRST
	d_step { follows(f, l) && phase[f] == joined -> cur[f] = acc[f]; phase[f] = early }
#else
	d_step { follows(f, l) && phase[f] == synced -> cur[f] = acc[f]; phase[f] = acked; delivered(f, l) }
#endif
}

inline ackNewLeader(f, l) {
	d_step { follows(f, l) && phase[f] == acked && !at[l].newLeader[f] -> at[l].newLeader[f] = true }
}

inline appendNext(f, l) {
	d_step { follows(f, l) && (phase[f] == synced || phase[f] == acked) && log[f].n < log[l].n ->
		log[f].rec[log[f].n] = log[l].rec[log[f].n]; log[f].n++; delivered(f, l) }
}

inline ack(f, l) {
	d_step { follows(f, l) && at[l].acks[f] < log[f].n && may_ack(f) -> at[l].acks[f] = log[f].n }
}

proctype Replica(byte i) {
	byte x;
end:
	do
	:: offer(i, (i+1)%N)
	:: offer(i, (i+2)%N)
	:: join(i, (i+1)%N)
	:: join(i, (i+2)%N)
	:: truncate(i, (i+1)%N)
	:: truncate(i, (i+2)%N)
	:: diff(i, (i+1)%N)
	:: diff(i, (i+2)%N)
	:: newEpoch(i, (i+1)%N)
	:: newEpoch(i, (i+2)%N)
	:: ackNewLeader(i, (i+1)%N)
	:: ackNewLeader(i, (i+2)%N)
	:: appendNext(i, (i+1)%N)
	:: appendNext(i, (i+2)%N)
	:: ack(i, (i+1)%N)
	:: ack(i, (i+2)%N)
	:: d_step { role[i] == gathering && at[i].discovered && !at[i].newLeader[i] -> /* its own history, its own NEWLEADER */
		cur[i] = acc[i]; at[i].newLeader[i] = true; at[i].acks[i] = log[i].n }
	:: d_step { role[i] == gathering && at[i].newLeader[i] && quorum(i) -> /* and all that was there before is committed */
		assert(led[acc[i]] == N || led[acc[i]] == i);
		x = 0;
		do
		:: x < ncommitted -> /* (a leader may learn late that it led: of later epochs it need know nothing) */
			assert(committedIn[x] > acc[i] || (log[i].n > x && log[i].rec[x] == committed[x])); x++
		:: else -> break
		od;
		led[acc[i]] = i; role[i] = leading;
		do
		:: at[i].commit < log[i].n -> deliverNext(i)
		:: else -> break
		od;
		x = 0 }
	:: d_step { role[i] == leading && proposed < TXNS && log[i].n < TXNS ->
		proposed++; log[i].rec[log[i].n] = zxid(acc[i], proposed); log[i].n++; at[i].acks[i] = log[i].n }
	:: d_step { role[i] == leading && at[i].commit < log[i].n && counted(i, at[i].commit) -> deliverNext(i) }
	:: d_step { role[i] != looking -> forget(i); role[i] = looking }
	od
}

init {
	atomic { run Replica(0); run Replica(1); run Replica(2) }
}
