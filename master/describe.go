package master

import (
	"fmt"
	"math"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/replica/tree"
)

// rough is about how many bytes of a reply an item takes beside its names.
const rough = 96

// locks describes locks, with what only the master knows: leases and lock-delays. No prefix is
// the whole cell.
func (m *Master) locks(principal string, a *call.Locks) (*call.LocksReply, error) {
	prefix := a.Prefix
	if prefix == "" {
		root, err := cell.RootName(m.tree.Cell())
		cell.Assert(err == nil, "the cell has a bad name: %v", err)
		prefix = root
	}
	if err := m.inCell(prefix); err != nil {
		return nil, err
	}
	page := tree.LockPage{Prefix: prefix, One: a.One, After: a.After, Told: int(min(a.Told, math.MaxInt32)),
		Bytes: pageBytes, Principal: principal}
	locks, told, more := m.tree.Locks(page)
	if brief, ok := m.tree.Lock(prefix, 0); ok && a.One && a.Told == 0 {
		if len(locks) == 0 {
			locks = append(locks, brief) // idle
		}
		locks[0].History = brief.History
	}
	m.fillLocks(locks)
	return &call.LocksReply{Locks: locks, Told: uint64(told), More: more}, nil
}

func (m *Master) fillLocks(locks []call.LockInfo) {
	for i := range locks {
		locks[i].DelayLeft = cell.Span(m.delays.Left(m.at.Now, locks[i].Name))
		for j := range locks[i].Holders {
			h := &locks[i].Holders[j]
			h.LeaseLeft = cell.Span(m.sessions.Left(m.at.Now, h.Session))
		}
	}
}

// describe describes one session, or all, a page at a time: those of the principal, or if it administers
// everybody's.
func (m *Master) describe(principal string, a *call.Sessions) (*call.SessionsReply, error) {
	all := m.tree.Administers(principal)
	r := &call.SessionsReply{}
	bytes, told := pageBytes, a.Told
	one := func(id cell.SessionID) bool {
		if v, _ := m.tree.Session(id); !all && v.Principal != principal {
			return true
		}
		if r.More = bytes <= 0; r.More {
			return false
		}
		info, upto, whole := m.sessionPiece(id, int(min(told, math.MaxInt32)), &bytes)
		r.Sessions, told = append(r.Sessions, info), 0
		if !whole {
			r.Told, r.More = uint64(upto), true
		}
		return whole
	}
	switch v, known := m.tree.Session(a.ID); {
	case a.ID != 0 && !all && v.Principal != principal: // there or not
		return nil, fmt.Errorf("%w: session %v is not one of %s", cell.ErrDenied, a.ID, principal)
	case known:
		one(a.ID)
	case a.ID != 0:
		return nil, cell.ErrNotFound
	case a.Told > 0:
		m.tree.SessionsFrom(a.After, func(id cell.SessionID) bool {
			if id != a.After { // it is gone meanwhile
				told = 0
			}
			return one(id)
		})
	default:
		m.tree.SessionsFrom(a.After+1, one)
	}
	return r, nil
}

// sessionPiece describes a session, with the names of its locks and ephemerals from number told on, until bytes are
// used up; it gives how many are told then, and whether these are all.
func (m *Master) sessionPiece(id cell.SessionID, told int, bytes *int) (info call.SessionInfo, upto int, whole bool) {
	v, _ := m.tree.Session(id)
	info = call.SessionInfo{
		ID: id, Identity: v.Identity, Principal: v.Principal, Address: v.Address, State: "alive",
		LeaseLeft: cell.Span(m.sessions.Left(m.at.Now, id)), Created: cell.Wall(v.Created), Watches: m.watches.Count(id),
	}
	if v.Rest > 0 {
		info.State = "silent"
	}
	if v.Ended {
		info.State = "ended"
	}
	*bytes -= rough + len(info.Identity) + len(info.Principal) + len(info.Address)
	upto = told
	add := func(to *[]cell.Name, n cell.Name) {
		*to = append(*to, n)
		*bytes -= len(n) + rough/16
		upto++
	}
	n := 0 // names walked
	for _, h := range m.tree.Holds(id) {
		if !h.Held {
			continue
		}
		if n++; n > told {
			if *bytes <= 0 && upto > told {
				return info, upto, false
			}
			add(&info.Locks, h.Name)
		}
	}
	skip := max(told-n, 0)
	names := m.tree.Ephemerals(id, skip+pageChildren+1)
	for i, name := range names[min(skip, len(names)):] {
		if i == pageChildren || *bytes <= 0 && upto > told {
			return info, upto, false
		}
		add(&info.Ephemerals, name)
	}
	return info, upto, true
}
