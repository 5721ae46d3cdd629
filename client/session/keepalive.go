package session

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// keeper keeps the leases: one KeepAlive is always parked at the master.
type keeper struct {
	number      uint64
	sent        lease.Instant // of that number
	parked      bool          // it is unanswered
	end         lease.Instant // local end of the session lease; 0: none yet
	length      int64         // of the newest one granted
	caching     bool          // the last answer granted a cache lease
	incarnation uint64
	flushed     uint64 // the highest Invalidate.Seq of this stream
}

func (k *keeper) graceEnd(grace lease.Duration) lease.Instant { return k.end.Add(grace) }

// overdue is when the parked KeepAlive should have been answered at the latest.
func (k *keeper) overdue(l cell.Lengths) lease.Instant {
	if !k.parked {
		return lease.Never
	}
	park := max(lease.Duration(l.SessionLease), lease.Duration(k.length)) / 2
	if k.caching {
		park = lease.Duration(l.CacheLease) / 2
	}
	return k.sent.Add(park + suspicion)
}

// keepAlive sends the next one.
func (m *Machine) keepAlive() {
	m.keep.number++
	m.keep.sent, m.keep.parked = m.now, true
	m.send(m.finder.current, &call.KeepAlive{Number: m.keep.number, Epoch: m.terms.Epoch,
		Stream: m.finder.stream, Acked: m.calls.acked, Flushed: m.keep.flushed})
}

// claim is the local deadline of a length that the answer to the parked KeepAlive granted (L1).
func (m *Machine) claim(parked, length int64) lease.Instant {
	c := lease.Claim{Sent: m.keep.sent, Length: lease.Duration(parked) + lease.Duration(length)}
	margin := min(lease.Duration(length)/claimMarginPart, claimMarginMost)
	return c.Until(m.drift(), margin)
}

func (m *Machine) drift() lease.Drift { return lease.Drift(m.terms.Lengths.DriftPPM) }

func (m *Machine) renewed(r *call.KeepAliveReply) {
	if !m.ours(r.Epoch, r.Stream) || !m.keep.parked || r.Number != m.keep.number {
		return
	}
	if r.Parked > int64(m.now.Sub(m.keep.sent))*2+int64(lease.Second) {
		m.nonsense(m.finder.current, fmt.Sprintf("a KeepAlive parked for %v", lease.Duration(r.Parked)))
		return
	}
	m.keep.parked = false
	m.begin(r.Incarnation)
	m.keep.caching = r.Cache > 0
	if r.Cache > 0 {
		m.onCache(CacheOp{Kind: CacheRenew, Incarnation: r.Incarnation, Until: m.claim(r.Parked, r.Cache)})
	}
	if r.Session > 0 {
		m.keep.length = r.Session
		m.keep.end = max(m.keep.end, m.claim(r.Parked, r.Session))
	}
	if m.now < m.keep.end && m.state != Closed {
		m.connected()
	}
	m.moveHolds()
	m.keepAlive()
}

// begin empties the cache for another incarnation, and says so to the master.
func (m *Machine) begin(incarnation uint64) {
	m.onCache(CacheOp{Kind: CacheBegin, Incarnation: incarnation})
	if m.keep.incarnation == incarnation {
		return
	}
	m.keep.incarnation = incarnation
	m.flush()
}

func (m *Machine) flush() {
	m.send(m.finder.current, &call.Flushed{Epoch: m.terms.Epoch, Stream: m.finder.stream,
		Seq: m.keep.flushed, Incarnation: m.keep.incarnation})
}

// invalidate empties what it names and then acknowledges.
func (m *Machine) invalidate(i *call.Invalidate) {
	if !m.ours(i.Epoch, i.Stream) {
		return
	}
	if i.Seq != m.keep.flushed+1 {
		m.nonsense(m.finder.current, fmt.Sprintf("invalidation %d after %d", i.Seq, m.keep.flushed))
		return
	}
	m.onCache(CacheOp{Kind: CacheInvalidate, Names: i.Names, Everything: i.Everything})
	m.keep.flushed = i.Seq
	m.flush()
}
