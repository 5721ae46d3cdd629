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
	for _, op := range ops {
		switch op.Kind {
		case session.CacheSetAside:
			s.cache.SetAside()
		case session.CacheBegin:
			s.cache.Begin(op.Incarnation)
		case session.CacheRenew:
			s.cache.Renew(op.Incarnation, op.Until)
		case session.CacheInvalidate:
			if op.Everything {
				s.cache.InvalidateAll()
			}
			s.cache.Invalidate(op.Names)
		case session.CacheDrop:
			s.cache.Drop()
		}
	}
	s.cacheMu.Unlock()
	s.revalidate()
}

// CacheStats tell what a session's cache did so far, and what it holds.
type CacheStats struct {
	Hits, Misses  uint64 // reads answered here; those that had to ask the master
	Invalidations uint64 // entries emptied because the cell was about to change them
	Revalidations uint64 // entries that came back into use after a fail-over or an outage, unread
	Evictions     uint64 // entries that made room for others
	Entries       int    // names of which something can be served
	Aside         int    // names that wait to be revalidated
	Bytes         int    // what both take, of 16 MiB
}

// CacheStats tell how the session's cache is doing. Reads with Uncached count as neither hit nor
// miss.
func (s *Session) CacheStats() CacheStats {
	s.cacheMu.RLock()
	defer s.cacheMu.RUnlock()
	did := s.cache.Counts()
	return CacheStats{Hits: s.hits.Load(), Misses: s.misses.Load(), Invalidations: did.Invalidated,
		Revalidations: did.Revalidated, Evictions: did.Evicted, Entries: s.cache.Len(), Aside: s.cache.Aside(),
		Bytes: s.cache.Bytes()}
}

// revalidate asks the master, a part at a time, whether what was set aside still holds. The loop
// calls it whenever there may be more to ask.
func (s *Session) revalidate() {
	s.cacheMu.Lock()
	claims, ok := s.cache.Claims()
	s.cacheMu.Unlock()
	if !ok {
		return
	}
	s.enqueue(&wait{claims: &claims}, func(id uint64) session.Input {
		return session.Ask{ID: id, Ask: &call.Revalidate{Claims: claims.All}}
	})
}

// readmit takes the answer to a revalidation.
func (s *Session) readmit(w *wait, d session.Done) {
	var answer *call.RevalidateReply
	if d.Err == nil && d.Reply != nil {
		answer = d.Reply.Revalidate
	}
	s.cacheMu.Lock()
	s.cache.Readmit(*w.claims, answer)
	s.cacheMu.Unlock()
	s.revalidate()
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
			if n.Handle != nil {
				s.cache.FillHandle(w.ticket, n.Incarnation, n.Stat, *n.Handle)
			}
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
		if l.Parent.Name == w.name {
			s.cache.FillChildren(w.ticket, l.Incarnation, l.Parent, kids)
		}
	}
}
