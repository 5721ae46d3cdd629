package client

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cache"
	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/client/session"
)

// listTries is how often a list of several pages is begun anew because it changed between them.
const listTries = 16

// since is how long ago t was; the two clocks may disagree, so never below 0.
func since(t time.Time) time.Duration {
	if t.IsZero() {
		return 0
	}
	return max(0, time.Since(t))
}

// Read gives a node's Stat and contents: from the session's consistent cache if it can, else
// from the master. ErrNotFound if there is none.
func (s *Session) Read(ctx context.Context, name string, o ...ReadOption) (File, error) {
	return s.read(ctx, "read", name, via{}, true, o)
}

// Stat is Read without the contents.
func (s *Session) Stat(ctx context.Context, name string, o ...ReadOption) (cell.Stat, error) {
	f, err := s.read(ctx, "stat", name, via{}, false, o)
	return f.Stat, err
}

// List gives the children of a node, sorted by name: from the cache with Name and Instance only;
// Uncached() asks the master and fills the rest. More than 1,000 come in pages: the list is as it was at
// one point of the history, begun anew when it changed between two pages; ErrConflict if it changes
// faster than it can be read.
func (s *Session) List(ctx context.Context, name string, o ...ReadOption) ([]cell.Stat, error) {
	return s.list(ctx, name, via{}, o)
}

// look is the cached half of a read: one locked look-up of entry, incarnation and deadline, and
// then one clock reading (L4), here in the caller's goroutine. A name that is cached is valid.
func (s *Session) look(name cell.Name) (cache.Found, bool) {
	s.cacheMu.RLock()
	f, ok := s.cache.Look(name)
	s.cacheMu.RUnlock()
	return f, ok && s.clock.Now() < f.Until
}

// hit counts a read that the cache has answered, and says which entry was used if nobody else is
// at the cache just now: who is used much is seen often enough.
func (s *Session) hit(name cell.Name) {
	s.hits.Add(1)
	if s.cacheMu.TryLock() {
		s.cache.Touch(name)
		s.cacheMu.Unlock()
	}
}

func (s *Session) read(ctx context.Context, op, name string, v via, contents bool, o []ReadOption) (File, error) {
	uncached := v.held != nil
	if len(o) > 0 {
		settings := readOf(o)
		if settings.replica {
			return s.readAtReplica(ctx, op, name, v, contents, settings)
		}
		uncached = uncached || settings.uncached
	}
	if ctx.Err() == nil && !uncached {
		if f, ok := s.look(cell.Name(name)); ok {
			if err := lacks(f, v.instance); err != nil {
				s.hit(cell.Name(name))
				return File{}, opError(op, name, NotApplied, err)
			}
			if f.HasStat && (f.HasContents || !contents) {
				s.hit(cell.Name(name))
				return fileOf(f, contents), nil
			}
		}
	}
	d, err := s.readThrough(ctx, op, name, v, call.Read{StatOnly: !contents, Cache: !uncached})
	if err != nil {
		return File{}, err
	}
	return fileFrom(op, name, v.instance, contents, d.Reply)
}

// lacks: what is cached says that there is no such node, or another instance.
func lacks(f cache.Found, instance uint64) error {
	switch {
	case f.Absent && instance != 0, instance != 0 && f.Instance != instance:
		return cell.ErrStaleHandle
	case f.Absent:
		return cell.ErrNotFound
	}
	return nil
}

func fileOf(f cache.Found, contents bool) File {
	file := File{Stat: f.Stat}
	if contents {
		file.Contents = bytes.Clone(f.Contents)
	}
	return file
}

// readThrough asks the master, and the answer may fill the cache. Name and Instance of ask are
// filled in here.
func (s *Session) readThrough(ctx context.Context, op, name string, v via, ask call.Read) (session.Done, error) {
	n, err := s.c.parse(op, name)
	if err != nil {
		return session.Done{}, err
	}
	ask.Name, ask.Instance = n, v.instance
	w := s.reading(n, ask.Cache)
	w.contents = !ask.StatOnly
	ctx, stop := v.bind(ctx)
	defer stop()
	return s.call(ctx, op, name, w, func(id uint64) session.Input { return v.ask(id, &ask) })
}

// reading prepares a read at the master that may fill the cache: its ticket is taken before the
// request is sent (C6).
func (s *Session) reading(n cell.Name, fills bool) *wait {
	w := &wait{name: n, fills: fills}
	if fills {
		s.misses.Add(1)
	}
	s.cacheMu.RLock()
	w.ticket = s.cache.Ticket()
	s.cacheMu.RUnlock()
	return w
}

// fileFrom is the node that was asked for, with its contents or without. Contents that are not those of
// the Stat come out of a tree that has rotted (Z14).
func fileFrom(op, name string, instance uint64, contents bool, r *call.QueryReply) (File, error) {
	switch {
	case r.Node == nil:
		return File{}, opError(op, name, NotApplied, fmt.Errorf("%w: an answer without a node", cell.ErrProtocol))
	case r.Node.Absent && instance != 0:
		return File{}, opError(op, name, NotApplied, cell.ErrStaleHandle)
	case r.Node.Absent:
		return File{}, opError(op, name, NotApplied, cell.ErrNotFound)
	case contents && !r.Node.Stat.Holds(r.Node.Contents):
		return File{}, opError(op, name, NotApplied, fmt.Errorf("%w: the contents in the answer are not those of "+
			"its checksum %x: the replica's memory is damaged; ask again", cell.ErrProtocol, r.Node.Stat.Checksum))
	}
	f := File{Stat: r.Node.Stat, Contents: r.Node.Contents}
	if r.Node.Cachable { // the cache keeps them too
		f.Contents = bytes.Clone(f.Contents)
	}
	return f, nil
}

func (s *Session) list(ctx context.Context, name string, v via, o []ReadOption) ([]cell.Stat, error) {
	settings := readOf(o)
	uncached := v.held != nil || settings.uncached
	n, err := s.c.parse("list", name)
	if err != nil {
		return nil, err
	}
	if settings.replica {
		return s.listAtReplica(ctx, n, v, settings)
	}
	if f, ok := s.look(n); ok && !uncached && ctx.Err() == nil {
		if err := lacks(f, v.instance); err != nil {
			s.hit(n)
			return nil, opError("list", name, NotApplied, err)
		}
		if f.HasChildren {
			s.hit(n)
			return statsOf(f.Children), nil
		}
	}
	ctx, stop := v.bind(ctx)
	defer stop()
	return collect(n, v.instance, !uncached, func(ask *call.List) (*call.ListReply, error) {
		w := s.reading(n, ask.Cache)
		w.whole = ask.After == ""
		d, err := s.call(ctx, "list", name, w, func(id uint64) session.Input { return v.ask(id, ask) })
		if err != nil {
			return nil, err
		}
		return d.Reply.List, nil
	})
}

func statsOf(kids []cache.Child) []cell.Stat {
	all := make([]cell.Stat, len(kids))
	for i, k := range kids {
		all[i] = cell.Stat{Name: k.Name, Instance: k.Instance}
	}
	return all
}

// collect puts a list together from its pages. When the child list changes between two of them
// it begins anew.
func collect(n cell.Name, instance uint64, names bool,
	page func(*call.List) (*call.ListReply, error)) ([]cell.Stat, error) {
	fail := func(err error) ([]cell.Stat, error) { return nil, opError("list", string(n), NotApplied, err) }
	for range listTries {
		var all []cell.Stat
		var first *call.ListReply
		ask := call.List{Name: n, Instance: instance, Names: names, Cache: names}
		for {
			next := ask
			r, err := page(&next)
			switch {
			case err != nil:
				return nil, err
			case r == nil || (r.More && len(r.Children) == 0):
				return fail(fmt.Errorf("%w: an answer without a list", cell.ErrProtocol))
			case r.Absent && instance != 0:
				return fail(cell.ErrStaleHandle)
			case r.Absent:
				return fail(cell.ErrNotFound)
			case first == nil:
				first = r
			}
			if changed(first.Parent, r.Parent) {
				break
			}
			all = append(all, r.Children...)
			if !r.More {
				return all, nil
			}
			ask.After, ask.Cache = all[len(all)-1].Name.Base(), false
		}
	}
	return fail(fmt.Errorf("%w: the child list changes faster than it can be read", cell.ErrConflict))
}

func changed(a, b cell.Stat) bool {
	return a.Instance != b.Instance || a.ChildrenGeneration != b.ChildrenGeneration
}
