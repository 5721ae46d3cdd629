package call

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

func lockToWire(l LockInfo) *wire.LockInfo {
	w := &wire.LockInfo{Name: string(l.Name), Mode: uint32(l.Mode), Generation: l.Generation,
		DelayLeft: int64(l.DelayLeft), History: historyToWire(l.History)}
	for _, h := range l.Holders {
		w.Holders = append(w.Holders, &wire.Holder{Session: uint64(h.Session), Identity: h.Identity,
			Principal: h.Principal, Address: h.Address, Note: h.Note, Since: nanos(h.Since),
			Sequencer: SequencerToWire(&h.Sequencer), LeaseLeft: int64(h.LeaseLeft),
			Loss: LossToWire(h.Loss)})
	}
	for _, x := range l.Waiters {
		w.Waiters = append(w.Waiters, &wire.Waiter{Session: uint64(x.Session), Identity: x.Identity,
			Principal: x.Principal, Mode: uint32(x.Mode), Since: nanos(x.Since)})
	}
	return w
}

func lockFromWire(w *wire.LockInfo) (LockInfo, error) {
	n, err := name(w.Name)
	if err == nil && w.Mode > uint32(cell.Exclusive) {
		err = fmt.Errorf("%w: lock mode %d", cell.ErrProtocol, w.Mode)
	}
	history, bad := historyFromWire(w.History)
	if err == nil {
		err = bad
	}
	l := LockInfo{Name: n, Mode: cell.Mode(w.Mode), Generation: w.Generation, DelayLeft: time.Duration(w.DelayLeft),
		History: history}
	for _, h := range w.Holders {
		q, bad := sequencer(h.Sequencer)
		if bad != nil {
			return l, bad
		}
		loss, bad := LossFromWire(h.Loss)
		if bad != nil {
			return l, bad
		}
		l.Holders = append(l.Holders, Holder{Session: cell.SessionID(h.Session), Identity: h.Identity,
			Principal: h.Principal, Address: h.Address, Note: h.Note, Since: instant(h.Since), Sequencer: q,
			LeaseLeft: time.Duration(h.LeaseLeft), Loss: loss})
	}
	for _, x := range w.Waiters {
		l.Waiters = append(l.Waiters, Waiter{Session: cell.SessionID(x.Session), Identity: x.Identity,
			Principal: x.Principal, Mode: cell.Mode(x.Mode), Since: instant(x.Since)})
	}
	return l, err
}

func sessionToWire(s SessionInfo) *wire.SessionInfo {
	return &wire.SessionInfo{Id: uint64(s.ID), Identity: s.Identity, Principal: s.Principal, Address: s.Address,
		State: s.State, LeaseLeft: int64(s.LeaseLeft), Created: nanos(s.Created), Locks: namesToWire(s.Locks),
		Ephemerals: namesToWire(s.Ephemerals), Watches: int64(s.Watches)}
}

func sessionFromWire(w *wire.SessionInfo) (SessionInfo, error) {
	locks, err1 := namesFromWire(w.Locks)
	ephemerals, err2 := namesFromWire(w.Ephemerals)
	if err1 == nil {
		err1 = err2
	}
	return SessionInfo{ID: cell.SessionID(w.Id), Identity: w.Identity, Principal: w.Principal, Address: w.Address,
		State: w.State, LeaseLeft: time.Duration(w.LeaseLeft), Created: instant(w.Created), Locks: locks,
		Ephemerals: ephemerals, Watches: int(w.Watches)}, err1
}

func namesToWire(names []cell.Name) []string {
	if len(names) == 0 {
		return nil
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return out
}

func namesFromWire(w []string) ([]cell.Name, error) {
	out := make([]cell.Name, 0, len(w))
	for _, s := range w {
		n, err := name(s)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}
