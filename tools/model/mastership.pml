/*
 * mastership.pml: one master per instant of true time (rules L1, L3, L9, Z4).
 *
 * Three voters, epochs up to EPOCHS, discrete true time. Nothing is stored but countdowns, so time
 * runs on without end: what a voter has still promised (on its clock), what a master may still count
 * on (on its own), how old a ping is (on its sender's). At each tick of true time every clock counts
 * one; DRIFT times in a run one clock counts none or two instead. The granter counts LEASE from when
 * it grants, the holder LEASE - MARGIN from when it sent the ping: MARGIN pays for DRIFT.
 *
 * Wrong versions: -DNO_WAIT (L3: a restarted voter forgets what it promised), -DNO_OWN (Z4, L9: the
 * candidate's own promise does not bind it), and DRIFT above MARGIN (L1: outside the bound).
 */
#define N 3
#ifndef EPOCHS
#define EPOCHS 3
#endif
#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef DRIFT
#define DRIFT 1
#endif
#define LEASE 3
#define MARGIN 1
#define NOBODY 3

/* durable */
byte acc[N];           /* the accepted epoch … */
byte accTo[N] = NOBODY; /* … and to whom it was promised */

/* in memory */
byte prom[N];          /* what is left of the promise to accTo[i], on the clock of i */
bool up[N] = true;
bool cand[N];          /* acc[i] is its own, offered to the others */
bool lead[N];          /* a quorum has accepted it */

/* the one ping between master and voter: its age on the master's clock, where it is */
mtype = { none, ping, pong };
typedef Row { byte left[N]; byte age[N]; mtype at[N]; byte epoch[N] };
Row m[N];              /* m[i].left[j]: what i may still count on of the promise of j */

byte crashes;
byte drifted;

#define holds(i) (up[i] && lead[i] && (m[i].left[(i+1)%N] > 0 || m[i].left[(i+2)%N] > 0))
/* the property; what could break it is hear and established, so there it is asserted */
#define one (!(holds(0) && holds(1)) && !(holds(0) && holds(2)) && !(holds(1) && holds(2)))
#define bound(i, c) (prom[i] > 0 && accTo[i] != c)
#ifdef NO_OWN
#define ownBound(i) false
#else
#define ownBound(i) bound(i, i)
#endif
#define less(x, k) x = (x > k -> x - k : 0)

inline forget(a) {
	cand[a] = false; lead[a] = false;
	m[a].left[0] = 0; m[a].left[1] = 0; m[a].left[2] = 0;
	m[a].at[0] = none; m[a].at[1] = none; m[a].at[2] = none;
	m[a].age[0] = 0; m[a].age[1] = 0; m[a].age[2] = 0;
	m[a].epoch[0] = 0; m[a].epoch[1] = 0; m[a].epoch[2] = 0
}

inline older(a, b, n) {
	less(m[a].left[b], n);
	if
	:: m[a].at[b] != none -> m[a].age[b] = m[a].age[b] + n
	:: else
	fi;
	if
	:: m[a].age[b] >= LEASE -> m[a].at[b] = none; m[a].age[b] = 0; m[a].epoch[b] = 0 /* good for nothing any more */
	:: else
	fi
}

inline count(a, n) {
	less(prom[a], n);
	older(a, (a+1)%N, n);
	older(a, (a+2)%N, n)
}

/* A voter accepts an epoch of x: durable before it answers, so one step. */
inline accept(b, x) {
	atomic {
		up[b] && cand[x] && up[x] && acc[x] > acc[b] && !bound(b, x) ->
		d_step {
			forget(b); /* whatever it led is over for good */
			acc[b] = acc[x]; accTo[b] = x
		}
	}
}

/* The acknowledgement may reach x late: b may have gone on to another by then. It is not modelled
   as a message of its own: that x leads is true from any instant after the acceptance. */
inline established(x, b) {
	d_step { up[x] && cand[x] && !lead[x] && acc[b] == acc[x] && accTo[b] == x ->
		lead[x] = true; assert(one) }
}

inline sendPing(a, b) {
	d_step { up[a] && lead[a] && m[a].at[b] == none ->
		m[a].at[b] = ping; m[a].age[b] = 0; m[a].epoch[b] = acc[a] }
}

/* The voter promises before it answers; only in the epoch it has accepted. */
inline answer(a, b) {
	d_step { up[b] && m[a].at[b] == ping && acc[b] == m[a].epoch[b] && accTo[b] == a ->
		prom[b] = LEASE; m[a].at[b] = pong }
}

inline hear(a, b) {
	d_step { up[a] && lead[a] && m[a].at[b] == pong && m[a].epoch[b] == acc[a] ->
		if
		:: LEASE - MARGIN > m[a].age[b] && LEASE - MARGIN - m[a].age[b] > m[a].left[b] ->
			m[a].left[b] = LEASE - MARGIN - m[a].age[b]
		:: else
		fi;
		m[a].at[b] = none; m[a].age[b] = 0; m[a].epoch[b] = 0;
		assert(one) }
}

inline lose(a, b) {
	d_step { m[a].at[b] != none -> m[a].at[b] = none; m[a].age[b] = 0; m[a].epoch[b] = 0 }
}

proctype Voter(byte i) {
	byte best;
	do
	:: atomic { /* stand: the greatest accepted epoch it has heard of, and one more */
		up[i] && !cand[i] && acc[i] < EPOCHS && !ownBound(i) -> d_step {
			best = acc[i];
			forget(i);
			acc[i] = best + 1; accTo[i] = i; cand[i] = true; prom[i] = 0;
			best = 0
		} }
	:: atomic { /* … or has heard of a greater one */
		up[i] && !cand[i] && acc[i] + 1 < EPOCHS && acc[(i+1)%N] > acc[i] && !ownBound(i) -> d_step {
			best = acc[(i+1)%N];
			if :: best >= EPOCHS -> best = EPOCHS - 1 :: else fi;
			forget(i);
			acc[i] = best + 1; accTo[i] = i; cand[i] = true; prom[i] = 0;
			best = 0
		} }
	:: accept(i, (i+1)%N)
	:: accept(i, (i+2)%N)
	:: established(i, (i+1)%N)
	:: established(i, (i+2)%N)
	:: sendPing(i, (i+1)%N)
	:: sendPing(i, (i+2)%N)
	:: answer((i+1)%N, i)
	:: answer((i+2)%N, i)
	:: hear(i, (i+1)%N)
	:: hear(i, (i+2)%N)
	:: lose(i, (i+1)%N)
	:: lose(i, (i+2)%N)
	:: d_step { up[i] && cand[i] -> forget(i) } /* gives up */
	:: d_step { up[i] && crashes < CRASHES -> crashes++; up[i] = false; forget(i); prom[i] = 0 }
	:: d_step { !up[i] -> up[i] = true;
#ifndef NO_WAIT
		prom[i] = LEASE /* the longest it ever gave, for everybody but accTo[i] */
#endif
		}
	od
}

proctype Time() {
	do
	:: d_step { true -> count(0, 1); count(1, 1); count(2, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(1, 1); count(2, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(0, 1); count(2, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(0, 1); count(1, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(0, 2); count(1, 1); count(2, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(0, 1); count(1, 2); count(2, 1) }
	:: d_step { drifted < DRIFT -> drifted++; count(0, 1); count(1, 1); count(2, 2) }
	od
}

init {
	atomic { run Voter(0); run Voter(1); run Voter(2); run Time() }
}
