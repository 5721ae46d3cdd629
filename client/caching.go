package client

import (
	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// toCache does to the cache what the machine says, in its order.
func (s *Session) toCache(ops []session.CacheOp) {
	if len(ops) == 0 {
		return
	}
	s.cacheMu.Lock()
	defer s.cacheMu.Unlock()
	for _, op := range ops {
		switch op.Kind {
		case session.CacheSetAside:
			s.cache.SetAside()
		case session.CacheBegin:
			s.cache.Begin(op.Incarnation)
		case session.CacheRenew:
			s.cache.Renew(op.Incarnation, op.Until)
		case session.CacheInvalidate:
			s.cache.Invalidate(op.Names)
		case session.CacheDrop:
			s.cache.Drop()
		}
	}
}

// fill keeps the answer to a registered read; the cache refuses it if its ticket is spoiled.
func (s *Session) fill(w *wait, r *call.QueryReply) {
	s.cacheMu.Lock()
	defer s.cacheMu.Unlock()
	if n := r.Node; n != nil && n.Cachable {
		if n.Absent {
			s.cache.FillAbsent(w.ticket, n.Incarnation, w.name, n.Ancestor)
			return
		}
		if n.Stat.Name == w.name {
			s.cache.FillNode(w.ticket, n.Incarnation, n.Stat, n.Contents, w.contents)
		}
	}
	if l := r.List; l != nil && l.Cachable && !l.More && w.whole {
		if l.Absent {
			s.cache.FillAbsent(w.ticket, l.Incarnation, w.name, l.Ancestor)
			return
		}
		kids := make([]cache.Child, len(l.Children))
		for i, k := range l.Children {
			kids[i] = cache.Child{Name: k.Name, Instance: k.Instance}
		}
		s.cache.FillChildren(w.ticket, l.Incarnation, w.name, l.Parent.Instance, kids)
	}
}
