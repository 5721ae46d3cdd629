package master

import (
	"fmt"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/call"
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
	locks, err := m.someLocks(principal, prefix, a.One)
	if err != nil {
		return nil, err
	}
	size := 0
	for i := range locks {
		size += rough + len(locks[i].Name)
		for _, h := range locks[i].Holders {
			size += rough + len(h.Identity) + len(h.Address) + len(h.Note) + len(locks[i].Name)
		}
		for _, w := range locks[i].Waiters {
			size += rough/2 + len(w.Identity)
		}
	}
	if size > maxReplyBytes {
		return nil, &cell.LimitError{Limit: "reply", Most: maxReplyBytes, Got: size}
	}
	m.fillLocks(locks)
	return &call.LocksReply{Locks: locks}, nil
}

// someLocks looks at no more locks, holders and waiters than could fit into a reply (L8).
func (m *Master) someLocks(principal string, prefix cell.Name, one bool) ([]call.LockInfo, error) {
	const most = maxReplyBytes / (rough / 2)
	if one {
		if lock, ok := m.tree.Lock(prefix, most); ok {
			return []call.LockInfo{lock}, nil
		}
		return nil, nil
	}
	locks, ok := m.tree.Locks(principal, prefix, most)
	if !ok {
		return nil, &cell.LimitError{Limit: "reply", Most: maxReplyBytes, Got: maxReplyBytes + 1}
	}
	return locks, nil
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

// describe describes one session, or all: those of the principal, or if it administers everybody's.
func (m *Master) describe(principal string, a *call.Sessions) (*call.SessionsReply, error) {
	all := m.tree.Administers(principal)
	ids := []cell.SessionID{a.ID}
	if a.ID == 0 {
		ids = m.tree.Sessions()
	}
	r := &call.SessionsReply{}
	size := 0
	for _, id := range ids {
		if v, _ := m.tree.Session(id); !all && v.Principal != principal {
			if a.ID != 0 { // there or not
				return nil, fmt.Errorf("%w: session %v is not one of %s", cell.ErrDenied, id, principal)
			}
			continue
		}
		info, ok := m.sessionInfo(id)
		if !ok {
			return nil, cell.ErrNotFound
		}
		size += rough + len(info.Identity) + len(info.Address)
		for _, n := range info.Locks {
			size += len(n)
		}
		for _, n := range info.Ephemerals {
			size += len(n)
		}
		if size > maxReplyBytes {
			return nil, &cell.LimitError{Limit: "reply", Most: maxReplyBytes, Got: size}
		}
		r.Sessions = append(r.Sessions, info)
	}
	return r, nil
}

func (m *Master) sessionInfo(id cell.SessionID) (call.SessionInfo, bool) {
	v, ok := m.tree.Session(id)
	if !ok {
		return call.SessionInfo{}, false
	}
	info := call.SessionInfo{
		ID: id, Identity: v.Identity, Principal: v.Principal, Address: v.Address, State: "alive",
		LeaseLeft: cell.Span(m.sessions.Left(m.at.Now, id)), Created: cell.Wall(v.Created),
		Ephemerals: m.tree.Ephemerals(id, pageChildren), Watches: m.watches.Count(id),
	}
	if v.Rest > 0 {
		info.State = "silent"
	}
	if v.Ended {
		info.State = "ended"
	}
	for _, h := range m.tree.Holds(id) {
		if h.Held {
			info.Locks = append(info.Locks, h.Name)
		}
	}
	return info, true
}
