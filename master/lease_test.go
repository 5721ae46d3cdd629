package master

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
	"github.com/leasehold/leasehold/replica/tree"
)

// early is by how much a KeepAlive may be answered before half of its lease is over.
func early() lease.Duration { return lease.Duration(lengths().SessionLease) / 64 }

func half() lease.Duration { return lease.Duration(lengths().SessionLease) / 2 }

// The first KeepAlive of a stream is answered at once, the next when half of the session lease
// is over, or a little earlier: parked, and saying for how long.
func TestL1_KeepAliveSaysHowLongItWasParked(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	k, ok := c.renewed()
	require.True(t, ok)
	require.Zero(t, k.Parked)
	require.EqualValues(t, lengths().SessionLease, k.Session)
	require.Zero(t, k.Cache, "it does not cache")
	c.keep()
	r.pass(half() - early())
	_, ok = c.renewed()
	require.False(t, ok)
	r.pass(early())
	k, ok = c.renewed()
	require.True(t, ok)
	require.Greater(t, k.Parked, int64(half()-early()))
	require.LessOrEqual(t, k.Parked, int64(half()))
	require.True(t, r.sent[len(r.sent)-1].Urgent)
}

// Sessions that asked one after another are answered together, none later than alone; and from then on
// they stay together.
func TestL1_L8_KeepAlivesAreAnsweredInCompany(t *testing.T) {
	r := newRig(t)
	const many = 40
	var all []*client
	last := map[*client]lease.Instant{} // when each was renewed last
	for i := range many {
		c := r.open(fmt.Sprint("c", i))
		all = append(all, c)
		c.keep()
		last[c] = r.at.Now
		c.keep()
		r.pass(lease.Second / many)
	}
	for round := range 3 {
		wakes := 0
		for answered := 0; answered < many; {
			r.sent = nil
			r.at.Now = max(r.at.Now, r.wake)
			r.step()
			replies := 0
			for _, c := range all {
				if _, ok := c.renewed(); ok {
					require.LessOrEqual(t, r.at.Now.Sub(last[c]), half(), "round %d", round)
					require.Greater(t, r.at.Now.Sub(last[c]), half()-early(), "round %d", round)
					last[c] = r.at.Now
					c.keep()
					replies++
				}
			}
			if answered += replies; replies > 0 {
				wakes++
			}
		}
		require.LessOrEqual(t, wakes, int(lease.Second/early())+2, "round %d", round)
	}
}

// However many come due together, a Step answers so many, and comes back at once for the rest.
func TestL8_KeepAlivesThatComeDueTogetherAreBounded(t *testing.T) {
	r := newRig(t)
	const many = 3 * keepAliveBatch
	for i := range many {
		c := r.open(fmt.Sprint("c", i))
		c.keep()
		c.keep()
	}
	for asked := r.at.Now; r.wake < asked.Add(half()-early()); {
		r.at.Now = max(r.at.Now, r.wake)
		r.step()
	}
	r.at.Now = r.wake
	for answered := 0; answered < many; {
		require.LessOrEqual(t, r.wake, r.at.Now)
		r.sent = nil
		r.once()
		require.Len(t, r.sent, keepAliveBatch)
		answered += len(r.sent)
	}
}

// A caching session is answered when half of its cache lease is over.
func TestL1_ACachersKeepAliveFollowsTheCacheLease(t *testing.T) {
	r := newRig(t)
	c := r.open("c").cacher()
	c.keep()
	r.pass(lease.Duration(lengths().CacheLease) / 2)
	k, ok := c.renewed()
	require.True(t, ok)
	require.EqualValues(t, lengths().CacheLease, k.Cache)
	require.Equal(t, c.inc, k.Incarnation)
}

// The first cachable answer waits until the session is logged as caching.
func TestC5_CachingIsLoggedFirst(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	require.False(t, c.read("/ls/x"))
	require.Equal(t, &tree.MarkCaching{Sessions: []cell.SessionID{c.id}}, r.waiting[0].Txn.Op)
	c.keep()
	c.keep()
	require.False(t, c.read("/ls/x"))
	require.Len(t, r.waiting, 1, "asked for twice")
	r.keepLog = false
	r.step()
	k, ok := c.renewed()
	require.True(t, ok, "a parked KeepAlive is answered when the session may cache")
	require.NotZero(t, k.Cache)
	require.True(t, c.read("/ls/x"))
}

// A session that is not heard of ends when its lease is over, not before.
func TestL5_ExpiryIsATransaction(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	r.pass(2*half() - 1)
	require.Len(t, r.waiting, 1, "that it is silent (L6)")
	r.pass(1)
	require.Equal(t, []cell.SessionID{c.id}, r.waiting[1].Txn.Op.(*tree.EndSessions).Sessions)
	require.Zero(t, r.count.Expired)
}

// A KeepAlive that races a proposed expiry waits for its outcome.
func TestL5_KeepAliveWaitsForTheOutcomeOfAnExpiry(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.keepLog = true
	r.pass(2 * half())
	require.Len(t, r.waiting, 2, "that it is silent, and its end")
	c.keep()
	r.pass(lease.Second)
	_, ok := c.renewed()
	require.False(t, ok, "renewed while its end is on its way")
	r.keepLog = false
	r.step()
	_, ok = c.renewed()
	require.False(t, ok)
	e, ok := last[*call.Ended](c)
	require.True(t, ok)
	require.Equal(t, c.id, e.Session)
}

// Without a valid lease nobody expires, no KeepAlive and no read is answered; a lapse moves the
// deadlines by its length, and nobody expires in the second after.
func TestL7_ALapseExpiresNobody(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	r.pass(2*half() - lease.Second)
	r.noLease = true
	r.sent = nil
	r.step(Message{Stream: 77, Msg: &call.Query{Number: 1, Ask: &call.Read{Name: "/ls/x"}}})
	c.keep()
	r.pass(10 * lease.Second)
	require.Empty(t, r.sent)
	require.Zero(t, r.count.Expired)
	r.noLease = false
	r.step()
	require.Len(t, r.sent, 2, "what waited is answered when the lease holds again")
	require.Zero(t, r.count.Expired)
}

// A Step that comes late by 100 ms or more moves every session's deadline by that; an on-time
// one moves none.
func TestL7_OurLatenessExpiresNobody(t *testing.T) {
	r := newRig(t)
	r.open("c")
	r.at.Now = r.at.Now.Add(2*half() + 5*lease.Second)
	r.at.Late = 5*lease.Second + half()
	r.step()
	require.Zero(t, r.count.Expired)
	r.pass(half() - 1)
	require.Zero(t, r.count.Expired)
	r.pass(lease.Second)
	require.Equal(t, 1, r.count.Expired)
}

// Any traffic of a session is a sign of life.
func TestL7_TrafficIsASignOfLife(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	for range 5 {
		r.pass(2*half() - lease.Second)
		c.ask(&call.Read{Name: "/ls/x"})
	}
	require.Zero(t, r.count.Expired)
}

// A KeepAlive parked on a stream that is down renews nothing.
func TestC10_ADeadStreamRenewsNothing(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	c.keep()
	r.step(StreamDown{c.stream})
	r.pass(2*half() - 1)
	require.Zero(t, r.count.Expired)
	r.pass(1)
	require.Equal(t, 1, r.count.Expired)
}

// Sessions that die together end in bounded transactions.
func TestL8_ManyDeathsAreBatched(t *testing.T) {
	r := newRig(t)
	const many = 600
	for i := range many {
		c := r.open(fmt.Sprint("c", i))
		if i%3 == 0 {
			c.must(&call.Create{Name: fmt.Sprint("/ls/x/e", i), Ephemeral: true})
		}
	}
	r.proposd = nil
	r.pass(3 * half())
	require.Equal(t, many, r.count.Expired)
	ends := 0
	for _, p := range r.proposd {
		if op, ok := p.Txn.Op.(*tree.EndSessions); ok {
			ends++
			require.LessOrEqual(t, len(op.Sessions), expiryBatch)
		}
	}
	require.LessOrEqual(t, ends, 4+many/expiryBatch)
	nodes, sessions, _ := r.tree.Counts()
	require.Equal(t, 1, nodes)
	require.Zero(t, sessions)
}

// A KeepAlive that was parked before a lapse is answered after it, not within it.
func TestL5_AParkedKeepAliveWaitsForTheLease(t *testing.T) {
	r := newRig(t)
	c := r.open("c")
	c.keep()
	_, ok := c.renewed()
	require.True(t, ok, "the first is answered at once")
	c.keep()
	r.sent, r.noLease = nil, true
	r.pass(half() + lease.Second)
	_, ok = c.renewed()
	require.False(t, ok, "renewed by a master without a lease")
	r.noLease = false
	r.step()
	_, ok = c.renewed()
	require.True(t, ok)
}
