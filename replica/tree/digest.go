package tree

import (
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
)

// hash is a running 64-bit hash of values. Replicas compare it, so it is part of the format (Z16).
type hash uint64

func (h hash) number(v uint64) hash {
	x := uint64(h) ^ v
	x *= 0x9e3779b97f4a7c15
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return hash(x ^ x>>29)
}

func (h hash) flag(b bool) hash {
	if b {
		return h.number(1)
	}
	return h.number(2)
}

func (h hash) text(s string) hash {
	h = h.number(uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		h = h.number(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	}
	var rest uint64
	for i := range len(s) {
		rest |= uint64(s[i]) << (8 * i)
	}
	return h.number(rest)
}

// The kinds of element begin with different values, so that none is taken for another.
const (
	seedNode hash = 1 + iota
	seedSession
	seedAnswer
	seedHold
	seedDelay
	seedFacts
	seedReread
	seedQuota
)

func (n *node) hash() uint64 { return n.hashWith(n.checksum) }

// found is the hash of the node with its contents as memory has them now.
func (n *node) found() uint64 { return n.hashWith(cell.Checksum(n.contents)) }

func (n *node) hashWith(checksum uint64) uint64 {
	x := n.extras()
	h := seedNode.text(string(n.name)).number(n.instance).number(n.contentGeneration).number(x.aclGeneration)
	h = h.number(x.childrenGeneration).number(checksum).number(x.sequence).number(x.lockGeneration)
	h = h.number(uint64(x.owner)).number(uint64(n.created)).number(uint64(n.modified)).number(uint64(n.zxid))
	if x.past != nil {
		h = h.number(x.past.sum)
	}
	h = h.flag(x.lasting.Container).number(uint64(x.lasting.TTL)).number(uint64(x.aged))
	if x.acl != nil {
		h = h.text(x.acl.Read).text(x.acl.Write).text(x.acl.Change)
	}
	return uint64(h.number(uint64(x.children)).number(uint64(len(n.contents))))
}

func (x *session) hash() uint64 {
	h := seedSession.number(uint64(x.id)).text(string(x.keyHash[:])).text(x.identity).text(x.principal)
	h = h.text(x.address).number(uint64(x.created)).flag(x.caching).flag(x.ended).text(x.why)
	return uint64(h.number(x.lastCall).number(x.acked).number(uint64(x.rest)))
}

func (a *answer) hash(id cell.SessionID) uint64 {
	r := &a.result
	h := seedAnswer.number(uint64(id)).number(a.call).number(uint64(r.Zxid)).number(uint64(r.Code)).text(r.Message)
	h = h.stat(&r.Stat)
	if l := r.Limit; l != nil {
		h = h.text(l.Name).number(uint64(l.Most)).number(uint64(l.Got))
	}
	if q := r.Acquired; q != nil {
		h = h.hold(q)
	}
	h = h.number(uint64(r.Refused))
	for i := range r.Parts {
		h = h.stat(&r.Parts[i])
	}
	return uint64(h)
}

func (h hash) stat(s *cell.Stat) hash {
	h = h.text(string(s.Name)).number(s.Instance).number(s.ContentGeneration).number(s.ACLGeneration)
	h = h.number(s.ChildrenGeneration).number(s.Checksum).number(uint64(s.Size)).number(uint64(s.Children))
	return h.number(uint64(s.EphemeralOwner)).number(uint64(s.Zxid)).flag(s.Container).number(uint64(s.TTL))
}

func (h hash) hold(s *call.HoldState) hash {
	q := &s.Sequencer
	h = h.number(uint64(s.Loss.End)).text(s.Loss.By)
	h = h.text(string(s.Name)).number(s.Hold).number(s.Call).flag(s.Held).number(uint64(q.Mode)).number(q.Grant)
	return h.number(q.Hold).number(q.Instance).text(string(q.Name))
}

func (h *hold) hash(l *lock) uint64 {
	d := seedHold.text(string(l.name)).number(l.instance).number(h.number).number(uint64(h.session)).number(h.call)
	d = d.number(uint64(h.mode)).number(h.token).number(uint64(h.delay)).number(uint64(h.margin)).text(h.note)
	d = d.number(uint64(h.maxHold)).number(uint64(h.loss.End)).text(h.loss.By)
	return uint64(d.number(uint64(h.asked)).number(uint64(h.granted)))
}

func (d delay) hash(l *lock) uint64 {
	h := seedDelay.text(string(l.name)).number(l.instance).number(d.token)
	return uint64(h.number(uint64(d.length)).flag(d.shared))
}

func (f *facts) hash() hash {
	h := seedFacts.number(f.mark.Index).number(uint64(f.mark.Zxid)).number(uint64(f.format)).text(f.cell)
	h = h.text(string(f.id[:])).text(string(f.key[:])).text(f.admin)
	for _, m := range f.members {
		h = h.number(uint64(m.ID)).number(uint64(m.Incarnation)).text(m.Client).text(m.Peer).text(m.HTTP)
	}
	l := f.lengths
	h = h.number(uint64(l.MasterLease)).number(uint64(l.SessionLease)).number(uint64(l.SessionLeaseMax))
	h = h.number(uint64(l.CacheLease)).number(uint64(l.LockDelay)).number(uint64(l.LockDelayMax))
	h = h.number(uint64(f.granted.SessionLease)).number(uint64(f.granted.CacheLease))
	m := f.limits
	h = h.number(uint64(l.DriftPPM)).number(uint64(m.Value)).number(uint64(m.Children)).number(uint64(m.Nodes))
	h = h.number(uint64(m.Sessions)).number(uint64(m.Handles)).number(uint64(m.Watches)).number(uint64(m.Waiters))
	h = h.number(uint64(m.Name)).number(uint64(m.Depth)).number(uint64(m.Bytes)).number(uint64(m.Ephemerals))
	h = h.number(uint64(m.SessionRate)).number(uint64(m.SessionBytes)).number(uint64(m.PrincipalRate))
	h = h.number(uint64(m.PrincipalBytes)).number(uint64(f.bytes))
	h = h.number(uint64(f.age.Passed)).number(uint64(f.age.Upto))
	return h.number(uint64(m.Unacked)).number(uint64(m.WatchEvents)).number(uint64(f.locked))
}

// Digest is a hash of everything but the history, kept up to date by each edit: equal on replicas that
// have applied the same transactions (Z14). It says what was put into the tree. That the tree still has
// it is for Reread to find.
func (s *state) Digest() uint64 { return uint64(s.facts.hash().number(s.sum)) }
