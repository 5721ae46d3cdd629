package call

import (
	"fmt"
	"time"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The wire forms of nouns that messages, transactions and snapshots share.

// name reads a name that must be there; a bad one is an error of the door.
func name(s string) (cell.Name, error) { return cell.ParseName(s) }

// maybeName reads a name that may be empty.
func maybeName(s string) (cell.Name, error) {
	if s == "" {
		return "", nil
	}
	return cell.ParseName(s)
}

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instant(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n).UTC()
}

// StatToWire is s's wire form; nil for the zero Stat.
func StatToWire(s cell.Stat) *wire.Stat {
	if s.Name == "" {
		return nil
	}
	return &wire.Stat{Name: string(s.Name), Instance: s.Instance, ContentGeneration: s.ContentGeneration,
		AclGeneration: s.ACLGeneration, ChildrenGeneration: s.ChildrenGeneration, Checksum: s.Checksum,
		Size: uint64(s.Size), Children: uint64(s.Children), EphemeralOwner: uint64(s.EphemeralOwner),
		Created: nanos(s.Created), Modified: nanos(s.Modified), Zxid: uint64(s.Zxid),
		Container: s.Container, Ttl: int64(s.TTL)}
}

// StatFromWire reads what StatToWire made.
func StatFromWire(w *wire.Stat) (cell.Stat, error) {
	if w == nil {
		return cell.Stat{}, nil
	}
	n, err := name(w.Name)
	return cell.Stat{Name: n, Instance: w.Instance, ContentGeneration: w.ContentGeneration,
		ACLGeneration: w.AclGeneration, ChildrenGeneration: w.ChildrenGeneration, Checksum: w.Checksum,
		Size: int(w.Size), Children: int(w.Children), EphemeralOwner: cell.SessionID(w.EphemeralOwner),
		Created: instant(w.Created), Modified: instant(w.Modified), Zxid: cell.Zxid(w.Zxid),
		Container: w.Container, TTL: time.Duration(w.Ttl)}, err
}

// SequencerToWire is q's wire form; nil for nil.
func SequencerToWire(q *cell.Sequencer) *wire.Sequencer {
	if q == nil || q.Name == "" {
		return nil
	}
	return &wire.Sequencer{Mode: uint32(q.Mode), Grant: q.Grant, Hold: q.Hold, Instance: q.Instance, Name: string(q.Name)}
}

// SequencerFromWire reads what SequencerToWire made.
func SequencerFromWire(w *wire.Sequencer) (*cell.Sequencer, error) {
	if w == nil {
		return nil, nil
	}
	n, err := name(w.Name)
	if err == nil && w.Mode > uint32(cell.Exclusive) {
		err = fmt.Errorf("%w: lock mode %d", cell.ErrProtocol, w.Mode)
	}
	return &cell.Sequencer{Mode: cell.Mode(w.Mode), Grant: w.Grant, Hold: w.Hold, Instance: w.Instance, Name: n}, err
}

func sequencer(w *wire.Sequencer) (cell.Sequencer, error) {
	q, err := SequencerFromWire(w)
	if q == nil {
		return cell.Sequencer{}, err
	}
	return *q, err
}

// HoldStateToWire is h's wire form; nil for nil.
func HoldStateToWire(h *HoldState) *wire.HoldState {
	if h == nil {
		return nil
	}
	return &wire.HoldState{Name: string(h.Name), Hold: h.Hold, Call: h.Call, Held: h.Held,
		Sequencer: SequencerToWire(&h.Sequencer), Loss: LossToWire(h.Loss)}
}

// HoldStateFromWire reads what HoldStateToWire made.
func HoldStateFromWire(w *wire.HoldState) (*HoldState, error) {
	if w == nil {
		return nil, nil
	}
	n, err := name(w.Name)
	if err != nil {
		return nil, err
	}
	q, err := sequencer(w.Sequencer)
	if err != nil {
		return nil, err
	}
	loss, err := LossFromWire(w.Loss)
	return &HoldState{Name: n, Hold: w.Hold, Call: w.Call, Held: w.Held, Sequencer: q, Loss: loss}, err
}

// LengthsToWire is l's wire form.
func LengthsToWire(l cell.Lengths) *wire.Lengths {
	return &wire.Lengths{MasterLease: int64(l.MasterLease), SessionLease: int64(l.SessionLease),
		SessionLeaseMax: int64(l.SessionLeaseMax), CacheLease: int64(l.CacheLease), LockDelay: int64(l.LockDelay),
		LockDelayMax: int64(l.LockDelayMax), DriftPpm: l.DriftPPM}
}

// LengthsFromWire reads what LengthsToWire made; nonsense is an error.
func LengthsFromWire(w *wire.Lengths) (cell.Lengths, error) {
	l := cell.Lengths{MasterLease: time.Duration(w.GetMasterLease()), SessionLease: time.Duration(w.GetSessionLease()),
		SessionLeaseMax: time.Duration(w.GetSessionLeaseMax()), CacheLease: time.Duration(w.GetCacheLease()),
		LockDelay:    time.Duration(w.GetLockDelay()),
		LockDelayMax: time.Duration(w.GetLockDelayMax()), DriftPPM: w.GetDriftPpm()}
	if why := l.Invalid(); why != "" {
		return l, fmt.Errorf("%w: %s", cell.ErrProtocol, why)
	}
	return l, nil
}

// LimitsToWire is l's wire form.
func LimitsToWire(l cell.Limits) *wire.Limits {
	return &wire.Limits{Value: int64(l.Value), Children: int64(l.Children), Nodes: int64(l.Nodes),
		Sessions: int64(l.Sessions), Handles: int64(l.Handles), Watches: int64(l.Watches), Waiters: int64(l.Waiters),
		Unacked: int64(l.Unacked), WatchEvents: int64(l.WatchEvents), Name: int64(l.Name), Depth: int64(l.Depth),
		Bytes: int64(l.Bytes), Ephemerals: int64(l.Ephemerals), SessionRate: int64(l.SessionRate),
		SessionBytes: int64(l.SessionBytes), PrincipalRate: int64(l.PrincipalRate),
		PrincipalBytes: int64(l.PrincipalBytes)}
}

// LimitsFromWire reads what LimitsToWire made.
func LimitsFromWire(w *wire.Limits) cell.Limits {
	return cell.Limits{Value: int(w.GetValue()), Children: int(w.GetChildren()), Nodes: int(w.GetNodes()),
		Sessions: int(w.GetSessions()), Handles: int(w.GetHandles()), Watches: int(w.GetWatches()),
		Waiters: int(w.GetWaiters()), Unacked: int(w.GetUnacked()), WatchEvents: int(w.GetWatchEvents()),
		Name: int(w.GetName()), Depth: int(w.GetDepth()), Bytes: int(w.GetBytes()),
		Ephemerals: int(w.GetEphemerals()), SessionRate: int(w.GetSessionRate()),
		SessionBytes: int(w.GetSessionBytes()), PrincipalRate: int(w.GetPrincipalRate()),
		PrincipalBytes: int(w.GetPrincipalBytes())}
}

// MembersToWire is m's wire form.
func MembersToWire(m cell.Members) []*wire.Member {
	out := make([]*wire.Member, 0, len(m))
	for _, x := range m {
		out = append(out, &wire.Member{Id: uint32(x.ID), Incarnation: uint64(x.Incarnation), Client: x.Client,
			Peer: x.Peer, Http: x.HTTP})
	}
	return out
}

// MembersFromWire reads what MembersToWire made: ids rise, from 1.
func MembersFromWire(w []*wire.Member) (cell.Members, error) {
	out := make(cell.Members, 0, len(w))
	last := uint32(0)
	for _, x := range w {
		if x.Id <= last {
			return nil, fmt.Errorf("%w: member ids do not rise", cell.ErrProtocol)
		}
		last = x.Id
		out = append(out, cell.Member{ID: cell.ReplicaID(x.Id), Incarnation: cell.Incarnation(x.Incarnation),
			Client: x.Client, Peer: x.Peer, HTTP: x.Http})
	}
	return out, nil
}
