/*
 * cache.pml: no stale cached read (rules C5, C6, C10, L1).
 *
 * One node, one client that caches it, WRITES writes by others, one fail-over. Down the stream go
 * answers and invalidations in order, as late as they like; KeepAlive answers overtake them. What
 * counts is written down as countdowns: what the master has granted (on its clock), what the client
 * may count on (on its own), how long a KeepAlive is out and how long it was parked. The master
 * counts LEASE from when it grants; the client parked + LEASE - MARGIN from when it sent. DRIFT
 * times in a run one of the two clocks counts none or two at a tick.
 *
 * Checked at each cached read: the value is that of the last write applied.
 *
 * Wrong versions: -DRENEW_OWING (C10: who owes an acknowledgement is granted a cache lease),
 * -DKEEP_LEASE (C5: the lease of the old stream outlives the Attach), -DNO_FAILOVER_WAIT (C5: the
 * new directory starts empty), -DCACHABLE_IN_ROUND (C11: a read during an open round fills), and
 * DRIFT above MARGIN.
 */
#ifndef WRITES
#define WRITES 2
#endif
#ifndef DRIFT
#define DRIFT 1
#endif
#define LEASE 3
#define MARGIN 1
#define OUT 6 /* a KeepAlive older than this is given up */

mtype = { read, ackInv, ackInc, answer, inv };
chan up = [4] of { mtype };             /* client to master, in order */
chan down = [4] of { mtype, byte, bool }; /* master to client: what, value, may it be kept */

byte value;      /* writes applied: the truth */
byte epoch = 1;  /* of the mastership */
byte drifted;

/* the master: its directory of one client and one node */
bool cacher;     /* the client may have the node in its cache */
bool owes;       /* it was sent an invalidation, or must take a new cache incarnation */
bool lapsed;     /* … the latter: its next KeepAlive answer names one */
bool round;      /* a write waits */
byte granted;    /* what is left of the cache lease */
byte waits;      /* what is left of it for the round that is open */
byte everything; /* after a fail-over: all count as cachers of everything for one cache lease */
bool attached = true;

/* the client */
byte stream = 1; /* the mastership it is attached to */
bool has;
byte cached;
byte left;       /* of its cache lease */
bool asking, spoiled;

/* the KeepAlive that is out */
mtype = { home, sent, parked, answered };
mtype ka = home;
byte kaAge, parkedFor, length;
bool incarnation;

#define less(x) x = (x > 0 -> x - 1 : 0)

inline noKeepAlive() { ka = home; kaAge = 0; parkedFor = 0; length = 0; incarnation = false }

inline flush() { has = false; cached = 0; spoiled = asking }

inline masterTick() {
	less(granted); less(waits); less(everything);
	if
	:: ka == parked -> parkedFor++
	:: else
	fi
}

inline clientTick() {
	less(left);
	if
	:: ka != home -> kaAge++
	:: else
	fi;
	if
	:: kaAge > OUT -> noKeepAlive()
	:: else
	fi
}

#ifdef CACHABLE_IN_ROUND
#define cachable !owes && everything == 0
#else
#define cachable !round && !owes && everything == 0
#endif

#ifdef RENEW_OWING
#define grants !lapsed
#else
#define grants !owes
#endif

proctype Master() {
end:
	do
	/* 3: a read; its asker is a cacher before the value is looked up */
	:: d_step { attached && nfull(down) && up?[read] -> up?read;
		if
		:: cachable -> cacher = true; down!answer, value, true
		:: else -> down!answer, value, false
		fi }
	/* 4: a write invalidates and opens a round */
	:: d_step { !round && value < WRITES && !owes && nfull(down) ->
		round = true;
		if
		:: cacher -> owes = true; waits = granted; down!inv, 0, false
		:: else
		fi }
	/* 6, 7: it is applied when the client has acknowledged or its lease has ended */
	:: d_step { round && everything == 0 && (!owes || waits == 0) ->
		if
		:: owes -> lapsed = true; cacher = false
		:: else
		fi;
		value++; round = false }
	:: d_step { attached && up?[ackInv] -> up?ackInv;
		if
		:: owes && !lapsed -> owes = false; cacher = false
		:: else
		fi }
	:: d_step { attached && up?[ackInc] -> up?ackInc; owes = false; lapsed = false }
	:: d_step { attached && ka == sent -> ka = parked; parkedFor = 0 }
	:: d_step { attached && ka == parked ->
		ka = answered; incarnation = lapsed;
		if
		:: grants && everything == 0 -> length = LEASE; granted = LEASE
		:: else -> length = 0
		fi }
	/* C5: the next mastership knows nothing but that somebody caches */
	:: d_step { epoch == 1 -> epoch = 2;
		cacher = false; owes = false; lapsed = false; round = false; granted = 0; waits = 0; attached = false;
#ifndef NO_FAILOVER_WAIT
		everything = LEASE;
#endif
		do
		:: len(up) > 0 -> up?_
		:: else -> break
		od;
		if
		:: ka == sent || ka == parked -> noKeepAlive()
		:: else
		fi }
	od
}

proctype Client() {
	byte v;
	bool keep;
end:
	do
	/* a cached read: entry and deadline as one, then the clock */
	:: d_step { has && left > 0 -> assert(cached == value) }
	:: d_step { !asking && stream == epoch && nfull(up) -> asking = true; spoiled = false; up!read }
	:: d_step { down?answer, v, keep ->
		if
		:: keep && !spoiled -> has = true; cached = v
		:: else
		fi;
		asking = false; spoiled = false; v = 0; keep = false }
	:: d_step { down?inv, v, keep -> flush();
		if
		:: stream == epoch && len(up) < 4 -> up!ackInv
		:: else /* lost with its stream */
		fi }
	:: d_step { ka == home && stream == epoch -> ka = sent; kaAge = 0 }
	:: d_step { ka == answered && nfull(up) ->
		if
		:: incarnation -> flush();
			if
			:: stream == epoch -> up!ackInc
			:: else
			fi
		:: else
		fi;
		if
		:: length > 0 && parkedFor + length > kaAge + MARGIN + left -> left = parkedFor + length - MARGIN - kaAge
		:: else
		fi;
		noKeepAlive() }
	/* Attach: the cache is emptied before it is sent, what the old stream brings is dropped */
	:: d_step { stream != epoch -> stream = epoch;
		has = false; cached = 0; asking = false; spoiled = false;
#ifndef KEEP_LEASE
		left = 0;
#endif
		do
		:: len(down) > 0 -> down?_, _, _
		:: else -> break
		od;
		noKeepAlive() }
	:: d_step { stream == epoch && !attached -> attached = true; everything = 0 }
	od
}

proctype Time() {
end:
	do
	:: d_step { true -> masterTick(); clientTick() }
	:: d_step { drifted < DRIFT -> drifted++; masterTick() }
	:: d_step { drifted < DRIFT -> drifted++; clientTick() }
	od
}

init {
	atomic { run Master(); run Client(); run Time() }
}
